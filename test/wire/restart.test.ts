// A restart: what agents made and said is there again, and so are they themselves.

import { expect, onTestFinished, test } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import {
  anon,
  type Frame,
  hasty,
  keyed,
  makeKeys,
  type Served,
  serve,
  signedMessage,
} from './kit.ts'

const alice = makeKeys()
const bob = makeKeys()
const carol = makeKeys()
const cid = 'c'.repeat(24)

/** A server that can be stopped and started again. */
async function lasting(): Promise<{ start(): Promise<Served> }> {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  return { start: () => serve({ ...hasty, durability: 'full', data }) }
}

const contents = (page: Frame) => (page.messages as Frame[]).map(({ content }) => content)

test('channels, members, invites, names, topics and cursors are kept', async () => {
  const { start } = await lasting()
  const first = await start()
  const one = await keyed(first, 'alice', alice)
  const work = { channel: '#Work', invite_only: true, topic: 'the plan' }
  await one.ask({ type: 'CREATE_CHANNEL', ...work })
  const other = await keyed(first, 'bob', bob)
  await keyed(first, 'carol', carol)
  const guest = await anon(first, 'guest')
  await guest.ask({ type: 'JOIN', channel: '#general' })
  for (const agent of ['@bob', '@carol']) await one.ask({ type: 'INVITE', channel: '#work', agent })
  await other.ask({ type: 'JOIN', channel: '#work' })
  await one.ask({ type: 'SET_NICK', nick: 'alicia' })
  await one.ask({ type: 'SET_PRESENCE', status: 'busy', status_text: 'at work' })
  const said = signedMessage(alice, { to: '#Work', content: 'hello', cid })
  const sent = await one.ask(said)
  await other.ask({ type: 'ACK', position: sent.position })

  for (let restarts = 0; restarts < 2; restarts++) {
    await first.stop()
    const server = await start()
    expect(server.key).toBe(first.key)
    const back = await keyed(server, 'somebody', bob)
    expect(back.welcome).toMatchObject({ cursor: sent.position, channels: ['#Work'] })
    const { list } = await back.ask({ type: 'LIST_CHANNELS' })
    expect(list).toContainEqual({
      name: '#Work',
      agents: restarts === 0 ? 2 : 3,
      topic: 'the plan',
      invite_only: true,
      joined: true,
    })
    expect(list).toContainEqual(expect.objectContaining({ name: '#general', agents: 0 }))
    const { list: members } = await back.ask({ type: 'LIST_AGENTS', channel: '#work' })
    expect(members).toContainEqual(
      expect.objectContaining({ name: 'alicia', presence: 'offline', status_text: 'at work' }),
    )
    expect(await back.ask({ type: 'WHOIS', agent: '@alicia' })).toMatchObject({ key: alice.raw })
    expect(await back.ask({ type: 'WHOIS', agent: guest.id })).toMatchObject({ type: 'ERROR' })
    const stranger = await keyed(server, 'eve', makeKeys())
    expect(await stranger.ask({ type: 'JOIN', channel: '#work' })).toMatchObject({
      code: 'NOT_INVITED',
    })
    const invited = await keyed(server, 'carol', carol)
    expect(await invited.ask({ type: 'JOIN', channel: '#work' })).toMatchObject({ type: 'JOINED' })
    await server.stop()
  }
})

test('positions go on, prev leads over the restart, and a repeated cid is known', async () => {
  const { start } = await lasting()
  const first = await start()
  const before = await keyed(first, 'alice', alice)
  await before.ask({ type: 'JOIN', channel: '#general' })
  const said = signedMessage(alice, { to: '#general', content: 'one', cid })
  const one = await before.ask(said)
  const direct = await before.ask(signedMessage(alice, { to: before.id, content: 'note' }))
  await first.stop()

  const second = await start()
  const after = await keyed(second, 'alice', alice)
  expect(await after.ask(said)).toMatchObject({ position: one.position, repeat: true })
  const two = await after.ask(signedMessage(alice, { to: '#general', content: 'two' }))
  expect(Number(two.position)).toBeGreaterThan(Number(direct.position))
  const [heard] = await after.settled('MSG')
  expect(heard).toMatchObject({ content: 'two', prev: one.position, position: two.position })
  expect(heard?.ts).toBeGreaterThan(direct.ts)
  expect(contents(await after.ask({ type: 'HISTORY', target: '#general' }))).toEqual(['one', 'two'])
  await after.ask({ type: 'RESUME', after: 0 })
  expect((await after.settled('MSG')).map(({ content }) => content)).toEqual(['one', 'note', 'two'])
})

test('time goes on from where it was, though the clock of the machine went back', async () => {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  const on = (now: () => number) => serve({ durability: 'normal', data }, { now })
  const first = await on(() => Date.now() + 86_400_000)
  const before = await anon(first, 'alice')
  const last = await before.ask({ type: 'JOIN', channel: '#general' })
  await first.stop()
  const second = await on(() => Date.now())
  expect((await anon(second, 'alice')).welcome.ts).toBeGreaterThan(last.ts)
})
