// I5: Somebody in between makes a client use the older login, which proves nothing about the server.
import { expect, test } from 'vitest'
import { AgentChat, createIdentity, type KnownServers } from '../../src/index.ts'
import { challenge, hostileServer, serverKeys, welcome } from '../client/kit/hostile.ts'

const identity = createIdentity('alice')
const pinned: KnownServers = { get: () => serverKeys.text, set() {} }

/** The attempt to log in at a server that answers IDENTIFY so, and what it was sent after that. */
async function visit(answer: (identify: Parameters<typeof challenge>[0]) => object, pin: boolean) {
  const server = await hostileServer((frame, { say }) => say(answer(frame)))
  const options = { server: server.url, identity, ...(pin && { knownServers: pinned }) }
  const failure = await AgentChat.connect(options).catch((error) => error)
  expect(server.heard.map(({ type }) => type)).toEqual(['IDENTIFY'])
  return failure
}

test.each([true, false])(
  'a challenge without version 1 is not answered (pinned: %s)',
  async (pin) => {
    const failure = await visit((frame) => challenge(frame, { versions: ['v0'] }), pin)
    expect(failure).toMatchObject({ name: 'IdentityError', reason: 'downgrade' })
  },
)

test.each([true, false])(
  'a challenge without a signature is not answered (pinned: %s)',
  async (pin) => {
    const strip = (frame: object) => ({ ...frame, server_sig: undefined })
    const failure = await visit((frame) => strip(challenge(frame)), pin)
    expect(failure).toMatchObject({ reason: 'downgrade' })
  },
)

test('versions that were changed on the way do not fit the signature', async () => {
  const add = (frame: object) => ({ ...frame, versions: ['v1'] })
  const failure = await visit((frame) => add(challenge(frame, { versions: ['v0'] })), true)
  expect(failure).toMatchObject({ reason: 'bad-challenge' })
})

test('a server that asks for no proof at all is not believed', async () => {
  const failure = await visit((frame) => welcome(frame), true)
  expect(failure).toMatchObject({ name: 'IdentityError', reason: 'bad-challenge' })
})

test('a refusal that asks for the older version is an end, not a reason to try it', async () => {
  const refusal = { type: 'ERROR', code: 'INVALID_MSG', message: 'Unknown field "v".' }
  const failure = await visit(({ ref }) => ({ ...refusal, ref }), true)
  expect(failure).toMatchObject({ name: 'RefusedError', code: 'INVALID_MSG' })
})
