// Every example of every command's help, run in a shell as it stands.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tree } from '../../src/cli/tree.ts'
import { AgentChat } from '../../src/client/chat.ts'
import { RefusedError } from '../../src/client/errors.ts'
import { loadIdentity } from '../../src/client/files.ts'
import { createIdentity, type Identity, signerOf } from '../../src/client/identity.ts'
import { createToken } from '../../src/client/tokens.ts'
import { toBase64Url } from '../../src/protocol/bytes.ts'
import { bin, Home, type Result, startServer } from './kit.ts'

const home = new Home()
const env: Record<string, string> = { AGENTCHAT_PORT: '0' }
/** Those whom the examples speak of: who types them, who answers, and who does not. */
let me: AgentChat
let helper: AgentChat
let silent: AgentChat

beforeAll(async () => {
  await home.run(['identity', 'new', 'me'])
  const identity = await loadIdentity(join(home.state, 'identities', 'me.json'))
  const options = ['--hooks', hooksOf(identity), '--operators', signerOf(identity).key.id]
  const { url } = await startServer(home, ['--data', 'server', ...options])
  env.AGENTCHAT_SERVER = url
  env.PATH = `${shim()}:${process.env.PATH}`
  me = await AgentChat.connect({ server: url, identity, brief: true }) // present only while an example runs
  silent = await AgentChat.connect({ server: url, identity: createIdentity('silent') })
  helper = await helpful(url)
  await helper.proposals.propose(me.id, { task: 'the first of all' })
  writeFileSync(join(home.path, 'page.html'), 'Seite')
  for (const args of ['join general', 'send general hello @me']) {
    await home.run(args.split(' '), { env })
  }
})
afterAll(async () => {
  for (const chat of [me, helper, silent]) await chat.close()
  await home.close()
})

it('works', { timeout: 120_000 }, async () => {
  for (const example of await examples()) {
    const { code, stderr } = await inShell(await withProposal(example))
    expect({ example, code, stderr: code === 0 ? '' : stderr }).toEqual({
      example,
      code: 0,
      stderr: '',
    })
  }
})

async function examples(): Promise<string[]> {
  const declared = await Promise.all(Object.values(tree).map(({ load }) => load()))
  const commands = declared.flatMap((one) => ('verbs' in one ? Object.values(one.verbs) : [one]))
  for (const { examples, doc } of commands) expect(examples.length, doc).toBeGreaterThan(0)
  return commands.flatMap((command) => command.examples)
}

/** In examples a proposal is always called the same; here it is one that the verb can do something with. */
async function withProposal(example: string): Promise<string> {
  // The examples of channels end with leaving it.
  if (example.startsWith('agentchat proposals')) await me.join('#general', { replay: 0 })
  if (/^agentchat (sent|claim) .*m48217/.test(example)) return withMessage(example)
  if (example.includes('t48217')) return example.replace('t48217', await tokenId())
  const verb = /^agentchat proposals (\w+) 3f2a9c1d/.exec(example)?.[1]
  if (verb === undefined) return example
  const id = await proposalFor(verb)
  return example.replace(/(3f2a9c1d)+/, (named) => id.slice(0, named.length))
}

/** In examples a message is always called the same; here it is one that can be asked about, or claimed. */
async function withMessage(example: string): Promise<string> {
  const { msg_id } = await me.send(silent.id, 'which port?')
  if (example.includes('sent')) return example.replace('m48217', msg_id)
  const asked = (await silent.send(me.id, 'which port?')).msg_id
  const named = example.replace('m48217', asked)
  if (!example.includes('--fence')) return named
  const { fence } = await me.request('CLAIM', { msg_id: asked })
  return named.replace('48218', String(fence))
}

async function tokenId(): Promise<string> {
  // The examples of identities end with using another one.
  await home.run(['identity', 'use', 'me'], { env })
  const { hash } = createToken()
  const { id } = await me.request('CREATE_TOKEN', { hash, scopes: ['read'] })
  return id
}

async function proposalFor(verb: string): Promise<string> {
  // The helper would say that it is done before the example does.
  const from = verb === 'withdraw' ? me : verb === 'complete' ? silent : helper
  const to = ['withdraw', 'fund'].includes(verb) ? silent : me
  const amount = verb === 'fund' ? '1' : undefined
  const { proposal_id: id } = await from.proposals.propose(to.id, { task: 'a task', amount })
  if (!['show', 'accept', 'reject', 'withdraw'].includes(verb)) await to.proposals.accept(id)
  if (verb === 'settle') await helper.proposals.dispute(id, { reason: 'because' })
  if (['confirm', 'receipt'].includes(verb)) await begin(helper, id)
  if (verb === 'receipt') await me.proposals.confirm(id)
  return id
}

/** Who types the examples is the escrow of what has an amount. */
function hooksOf(identity: Identity): string {
  const path = join(home.path, 'hooks.json')
  const { raw } = signerOf(identity).key
  const hold = { key: toBase64Url(raw) }
  const hook = { name: 'escrow', on: ['accepted'], url: 'http://127.0.0.1:1/', hold }
  writeFileSync(path, JSON.stringify({ hooks: [hook] }), { mode: 0o600 })
  return path
}

/** A server runs until it is told to stop; everything else ends by itself. */
async function inShell(example: string): Promise<Result> {
  const isServer = example.startsWith('agentchat serve')
  const running = home.spawn(['bash', '-c', isServer ? `exec ${example}` : example], { env })
  if (isServer) {
    await running.line(({ type }) => type === 'LISTENING')
    running.kill('SIGTERM')
  }
  return await running.ended
}

/** A directory in which the executable is called `agentchat`, as after an installation. */
function shim(): string {
  const directory = join(home.path, 'bin')
  mkdirSync(directory)
  const script = `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`
  writeFileSync(join(directory, 'agentchat'), script, { mode: 0o755 })
  return directory
}

/** An agent that answers questions, accepts what is proposed to it, does its part, and greets who comes. */
async function helpful(server: string): Promise<AgentChat> {
  const chat = await AgentChat.connect({ server, identity: createIdentity('helper') })
  await chat.join('#general', { replay: 0 })
  await chat.send('#general', 'Ask me.')
  chat.on('MSG', ({ from, msg_id, expects }) => {
    if (expects === 'reply') void chat.send(from, '6667', { inReplyTo: msg_id })
  })
  chat.on('PROPOSAL', ({ proposal_id, to }) => {
    if (to === chat.id) void chat.proposals.accept(proposal_id)
  })
  chat.on('ACCEPT', ({ proposal_id, by, status, awaiting }) => {
    if (by !== chat.id && !awaiting && status === 'accepted') void begin(chat, proposal_id)
  })
  chat.on('PRESENCE_CHANGED', ({ agent_id, presence }) => {
    if (presence === 'online' && agent_id !== chat.id) void chat.send(agent_id, 'welcome')
  })
  return chat
}

/** Does its part; in the meantime the other side may have gone further. */
async function begin(chat: AgentChat, id: string): Promise<void> {
  try {
    await chat.proposals.complete(id)
  } catch (failure) {
    if (!(failure instanceof RefusedError)) throw failure
  }
}
