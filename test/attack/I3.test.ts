// I3: An evil server passes on the challenge of a good one, and with the visitor's answer logs in there.
import { expect, test } from 'vitest'
import { AgentChat, createIdentity, type KnownServers } from '../../src/index.ts'
import { type Frame, hospitable, hostileServer } from '../client/kit/hostile.ts'
import { keyPairOf } from '../kit/identity.ts'
import { connect as dial, serve } from '../wire/kit.ts'

const visitor = createIdentity('alice')
const evil = keyPairOf('an evil server')

/** Known servers that know this one. */
function knowing(url: string, key: string): KnownServers {
  return { get: (asked) => (asked === url ? key : undefined), set() {} }
}

/** A server that hands everything to a good one, and back; what it hands back it may change. */
async function relayTo(
  good: Awaited<ReturnType<typeof serve>>,
  change: (frame: object) => object = (frame) => frame,
) {
  const peer = await dial(good)
  return hostileServer((frame, { say }) => {
    void peer.ask(frame).then((answer) => say(change(answer)))
  })
}

function answersOf({ heard }: { heard: readonly Frame[] }): Frame[] {
  return heard.filter(({ type }) => type === 'VERIFY_IDENTITY')
}

test('a visitor who knows the evil server sees that another one speaks, and signs nothing', async () => {
  const relay = await relayTo(await serve())
  const knownServers = knowing(relay.url, evil.text)
  const options = { server: relay.url, identity: visitor, knownServers }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({
    name: 'IdentityError',
    reason: 'server-changed',
  })
  expect(answersOf(relay)).toEqual([])
})

test('the key of the evil server does not fit the challenge of the good one', async () => {
  const relay = await relayTo(await serve(), (frame) => ({ ...frame, server_key: evil.text }))
  const knownServers = knowing(relay.url, evil.text)
  const options = { server: relay.url, identity: visitor, knownServers }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'bad-challenge' })
  expect(answersOf(relay)).toEqual([])
})

test('a challenge that the good server signed for another visit is worth nothing', async () => {
  const good = await serve()
  const nonce = 'cd'.repeat(32)
  const asked = { type: 'IDENTIFY', name: 'x', v: 1, nonce, pubkey: visitor.publicKey }
  const kept = await (await dial(good)).ask(asked)
  const relay = await hostileServer(({ ref }, { say }) => say({ ...kept, ref }))
  const options = { server: relay.url, identity: visitor }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'bad-challenge' })
  expect(answersOf(relay)).toEqual([])
})

test.each([
  ['of another agent', { agent_id: evil.public.id }, 'wrong-agent'],
  ['of nobody in particular', { agent_id: `@anon-${'0'.repeat(32)}` }, 'wrong-agent'],
  ['under another name than was proved', { server: 'evil.example' }, 'bad-challenge'],
])('the session %s is not taken', async (_what, changed, reason) => {
  const honest = hospitable()
  const server = await hostileServer((frame, { say, ...visitor }) => {
    const change = (said: object) => (frame.type === 'IDENTIFY' ? said : { ...said, ...changed })
    honest(frame, { ...visitor, say: (said) => say(change(said)) })
  })
  const options = { server: server.url, identity: visitor }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ name: 'IdentityError', reason })
})

test('a server without a pin is held to the key that it showed first', async () => {
  const known = new Map<string, string>()
  const knownServers: KnownServers = {
    get: (url) => known.get(url),
    set: (url, key) => void known.set(url, key),
  }
  const good = await serve()
  const options = { server: good.url, identity: visitor, knownServers }
  await (await AgentChat.connect(options)).close()
  expect([...known]).toEqual([[good.url, good.key]])
  known.set(good.url, evil.text)
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'server-changed' })
})
