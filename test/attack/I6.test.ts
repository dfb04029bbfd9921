// I6: A server names another key for an id, so that what its owner never signed seems to be signed.
import { describe, expect, test } from 'vitest'
import { createIdentity, verifyMessage } from '../../src/index.ts'
import { connect } from '../client/kit/agents.ts'
import { hospitable, hostileServer, serverName } from '../client/kit/hostile.ts'
import { keyPairOf, signMessage } from '../kit/identity.ts'

const bob = keyPairOf('bob')
const mallory = keyPairOf('mallory')
const card = { id: bob.public.id, name: 'bob', presence: 'online', status_text: null, auth: 'v1' }
const ofBob = { key: bob.text, pubkey: bob.public.pem, fingerprint: bob.public.fingerprint }

/** Asks a server that tells this of an agent. */
async function whois(told: object, asked = '@bob') {
  const server = await hostileServer(
    hospitable(({ ref }, { say }) => say({ type: 'AGENT', ref, ...told })),
  )
  const alice = await connect(server.url, { name: 'alice' })
  return alice.whois(asked)
}

test('what an honest server tells is believed', async () => {
  await expect(whois({ ...card, ...ofBob })).resolves.toMatchObject({ id: bob.public.id })
  const guest = { ...card, id: `@anon-${'1'.repeat(32)}` }
  await expect(whois(guest)).resolves.toMatchObject({ id: guest.id })
})

describe('a lie about a key is refused', () => {
  test.each([
    ['the key of another', { ...card, ...ofBob, key: mallory.text }],
    ['the PEM of another', { ...card, ...ofBob, pubkey: mallory.public.pem }],
    ['the fingerprint of another', { ...card, ...ofBob, fingerprint: mallory.public.fingerprint }],
    ['the id of another', { ...card, ...ofBob, id: mallory.public.id }],
    ['no key', card],
    ['no key, and an id that is none', { ...card, id: '@bob' }],
    ['a key that is none', { ...card, ...ofBob, key: 'A'.repeat(43) }],
    ['no id', { ...ofBob, id: { toString: 1 } }],
  ])('%s', async (_what, told) => {
    await expect(whois(told)).rejects.toMatchObject({
      name: 'IdentityError',
      reason: 'substituted',
    })
  })

  test('all of another agent', async () => {
    const told = { ...card, id: mallory.public.id, key: mallory.text }
    await expect(whois(told, bob.public.id)).rejects.toMatchObject({ reason: 'substituted' })
  })
})

test('a message is not addressed to a name behind which another key is put', async () => {
  const told = { type: 'AGENT', ...card, ...ofBob, key: mallory.text }
  const server = await hostileServer(hospitable(({ ref }, { say }) => say({ ref, ...told })))
  const alice = await connect(server.url, { identity: createIdentity('alice') })
  await expect(alice.dm('@bob', 'the secret')).rejects.toMatchObject({ reason: 'substituted' })
  expect(server.heard.map(({ type }) => type)).not.toContain('MSG')
})

test('a message signed with another key than that of its agent is forged', () => {
  const said = { to: '#general', content: 'I owe mallory 100', cid: 'c'.repeat(22) }
  const signer = { keys: mallory, version: 'v1' as const, server: serverName, now: 1_000 }
  const { sig, ts: sig_ts } = signMessage(signer, said)
  const more = { msg_id: 'm1', auth: 'v1' as const, sig, sig_ts, sig_version: 'v1' as const }
  const forged = { ...said, ...more, from: bob.public.id, from_name: 'bob', key: mallory.text }
  expect(verifyMessage(forged, { serverName }).status).toBe('forged')
  expect(verifyMessage({ ...forged, key: bob.text }, { serverName }).status).toBe('forged')
})

test('a proof of a key that is not that of the id is not passed on', async () => {
  const proof = { type: 'VERIFY_SUCCESS', request_id: 'v1', agent: bob.public.id }
  const server = await hostileServer(
    hospitable(({ ref }, { say }) => {
      say({ ...proof, pubkey: mallory.public.pem })
      say({ ...proof, pubkey: bob.public.pem })
      say({ type: 'PONG', ref })
    }),
  )
  const alice = await connect(server.url, { name: 'alice' })
  const heard: unknown[] = []
  alice.on('VERIFY_SUCCESS', ({ pubkey }) => heard.push(pubkey))
  await alice.request('PING', {})
  expect(heard).toEqual([bob.public.pem])
})
