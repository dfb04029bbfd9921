// The library as others load it: in a process of its own, in browsers, and what it drags in.

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { hasty, serve } from '../wire/kit.ts'
import { connect } from './kit/agents.ts'
import { after, alice, proposed, receiptOf } from './kit/deals.ts'
import { type Bundle, bundleFor, library, runModule } from './kit/loading.ts'

const names =
  'AgentChat, createIdentity, fileKnownServers, loadIdentity, saveIdentity, verifyMessage'
const load = `import { ${names} } from ${library}`

let browser: Bundle

beforeAll(async () => {
  browser = await bundleFor('browser')
})

test('a bundle for browsers has nothing of Node in it, and is small', () => {
  expect(browser.imports).toEqual([])
  expect(browser.files.filter((path) => /-node\.js$|node_modules\/ws\//.test(path))).toEqual([])
  expect(browser.files.filter((path) => path.endsWith('-browser.js'))).toHaveLength(3)
  expect(browser.text).not.toMatch(/["']node:|\bBuffer\b|\bprocess\./)
  expect(browser.text.length).toBeLessThan(225_000)
})

test('neither there nor in Node are the schemas loaded with the library', async () => {
  const heavy =
    /node_modules\/zod\/|protocol\/(frames|declare|fields|messages|session|proposals|proposal-(fields|news))\.js$/
  for (const { files } of [browser, await bundleFor('node')]) {
    expect(files).toContain('dist/client/chat.js')
    expect(files.filter((path) => heavy.test(path))).toEqual([])
  }
})

/** A conversation with oneself that uses keys, names and signatures. */
const conversation = `
  const chat = await AgentChat.connect({ server: process.argv[2], identity: createIdentity('alice') })
  await chat.join('#general')
  const messages = chat.messages({ own: true })
  await chat.send('#general', 'hello')
  await chat.dm('alice', 'hello again')
  for (const text of ['hello', 'hello again']) {
    const { value } = await messages.next()
    const { status } = verifyMessage(value, chat)
    console.log(value.content === text, status, chat.serverKey)
  }
  await chat.close()`

test('a process ends by itself when its connection is closed', async () => {
  const server = await serve(hasty)
  const said = await runModule(`${load}\n${conversation}`, [server.url])
  expect(said).toBe(`true signed ${server.key}\n`.repeat(2))
})

test('what is bundled for browsers talks and signs, with the WebSocket that it finds there', async () => {
  const server = await serve(hasty)
  const ws = pathToFileURL(createRequire(import.meta.url).resolve('ws')).href
  const world = `globalThis.WebSocket = (await import(${JSON.stringify(ws)})).default`
  const said = await runModule(`${world}\n${browser.text}\n${conversation}`, [server.url])
  expect(said).toBe(`true signed ${server.key}\n`.repeat(2))
})

test('a receipt is checked there as it is in Node', async () => {
  const done = after(proposed(), 'ACCEPT', { stage: 'accepted' })
  const claimed = after(done, 'COMPLETE', { stage: 'claimed' })
  const receipt = receiptOf(after(claimed, 'CONFIRM', { by: alice, stage: 'completed' }))
  const forged = receipt.replace('translate', 'something else')
  const check = `
    for (const text of process.argv.slice(2)) console.log(verifyReceipt(text).valid)`
  expect(await runModule(`${browser.text}\n${check}`, [receipt, forged])).toBe('true\nfalse\n')
})

test('where there are no files, asking for one says so', async () => {
  const ask = `
    const failures = [
      loadIdentity('a'),
      saveIdentity('a', createIdentity('alice')),
      fileKnownServers('a').get('ws://a'),
      fileKnownServers('a').set('ws://a', 'key'),
    ]
    for (const { reason } of await Promise.allSettled(failures)) console.log(reason.message)`
  const sentence = 'There are no files here; keep identities and known servers elsewhere.\n'
  expect(await runModule(`${browser.text}\n${ask}`)).toBe(sentence.repeat(4))
})

test('a process that waits to connect again ends when it is closed', async () => {
  const server = await serve(hasty)
  const text = `${load}
    const chat = await AgentChat.connect({ server: process.argv[2], name: 'alice' })
    chat.onState(({ state }) => {
      console.log(state)
      if (state === 'reconnecting') chat.close()
    })
    await chat.join('#general')`
  const bob = await connect(server.url, { name: 'bob' })
  await bob.join('#general')
  const joined = bob.once('AGENT_JOINED')
  const running = runModule(text, [server.url])
  await joined
  await server.stop()
  expect((await running).trim().split('\n')).toEqual([
    'connected',
    'lost',
    'reconnecting',
    'closed',
  ])
})
