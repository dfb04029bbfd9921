// What is signed of proposals: refusals, a vector for every purpose by three implementations, and no collision.

import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test } from 'vitest'
import { sha256, toBase64Url } from '../../src/protocol/bytes.ts'
import {
  hasBar,
  hashOf,
  legacyProposalHash,
  legacyProposalTexts,
  legacyStepTexts,
  proposalBytes,
  proposalId,
  sealBytes,
  stepBytes,
  termsHash,
} from '../../src/protocol/proposal-signing.ts'
import type { StepType } from '../../src/protocol/proposal-steps.ts'
import {
  challengeBytes,
  loginBytes,
  messageBytes,
  parseSignature,
  peerVerifyBytes,
  signingBytes,
} from '../../src/protocol/signing.ts'
import { canonicalOf } from '../wire/proposal-kit.ts'
import { assertDifferent } from './collisions.ts'
import { pinned } from './vectors.ts'

const seed = Uint8Array.from({ length: 32 }, (_, i) => i)
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
const publicKey = createPublicKey(privateKey)

const server = 'chat.example'
const serverKey = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'
const alice = '@f0ff50dacf109dea'
const bob = '@0123456789abcdef'
const cid = '01JD8Z6W0V8J2K8QWJ7W2F9N3H'
const ts = 1795518162123
const terms = {
  task: 'h\u00e9llo',
  amount: '0.05',
  currency: 'SOL',
  payment_code: 'iban:DE02',
  terms: { pages: [1, 2], by: 'friday' },
  confirm_seconds: 3_600,
  due_seconds: 86_400,
}
const proposal = {
  server,
  serverKey,
  from: alice,
  to: bob,
  cid,
  ts,
  expiresAt: 1795521762123,
  terms,
}
const proposed = proposalBytes(proposal)
const hash = hashOf(proposed)
const id = proposalId(hash)

function step(type: StepType, fields: object = {}): Uint8Array {
  const on = { server, proposalId: id, proposalHash: hash, link: hash }
  return stepBytes({ type, ...on, agent: alice, ts, fields: { ...fields, other: 'unsigned' } })
}

const challenge = {
  server,
  serverKey,
  serverNonce: '00'.repeat(32),
  clientNonce: '11'.repeat(32),
  time: ts,
  versions: ['v1', 'v0'],
}
const chain = [
  { type: 'PROPOSAL', ts: 1795518162123.001 },
  { type: 'ACCEPT', ts: 1795518162124 },
]

/** By name of the vector, what this library signs. */
const made: Readonly<Record<string, Uint8Array>> = {
  proposal: proposed,
  'proposal, only a task': proposalBytes({
    ...proposal,
    expiresAt: undefined,
    terms: { task: 'h\u00e9llo', amount: null, terms: undefined },
  }),
  accept: step('ACCEPT', { payment_code: 'iban:DE02' }),
  'accept, nothing of its own': step('ACCEPT', { payment_code: null }),
  reject: step('REJECT', { reason: 'too dear' }),
  withdraw: step('WITHDRAW', { reason: 'too late' }),
  funded: step('FUNDED', { reference: 'vault 7' }),
  complete: step('COMPLETE', { proof: 'see there' }),
  confirm: step('CONFIRM'),
  dispute: step('DISPUTE', { reason: 'nothing came' }),
  settle: step('SETTLE', { outcome: 'half is paid' }),
  receipt: sealBytes({ server, serverKey, proposalId: id, chain }),
  challenge: challengeBytes(challenge),
  login: loginBytes({ ...challenge, agent: alice }),
  msg: messageBytes({
    ...{ server, target: '#general', agent: alice, cid, ts, kind: 'text', inReplyTo: 'm7' },
    content: 'h\u00e9llo',
    extensions: { expects: 'reply' },
  }),
  'peer-verify': peerVerifyBytes({ server, requester: bob, target: alice, nonce: '0f'.repeat(16) }),
  'the vector of protocol.md': signingBytes('msg', [
    ...[server, '#general', 'ac1nkyiir2sw7m5alj4ayhycajyb4fqi4fr', 'k1hoddgtqdbj6llr3q', cid],
    ...[String(ts), 'text', undefined, 'PEhZHY0JikU49eAT389AbpSOrE0yd7EL9hTildYGgXk'],
    ...[undefined, undefined],
  ]),
}

describe('refused', () => {
  test.each([
    ['a number with a fraction', { amount: 0.05 }],
    ['null inside', { terms: { a: null } }],
    ['a lone surrogate', { task: '\ud800' }],
    ['NUL', { task: '\0' }],
    ['more than 16 KiB together', { task: 'x'.repeat(8_192), terms: 'x'.repeat(8_192) }],
    ['a key that is not ASCII', { terms: { '\u00e9': 1 } }],
  ])('terms with %s', (_what, odd) => {
    expect(() => proposalBytes({ ...proposal, terms: { ...terms, ...odd } })).toThrow(TypeError)
    expect(() => termsHash({ ...terms, ...odd })).toThrow(TypeError)
  })

  test.each([
    { server: '' },
    { serverKey: '' },
    { serverKey: 'a\nb' },
    { from: 'a b' },
    { to: '-' },
    { cid: 'a\nb' },
    { ts: 0.5 },
    { ts: -1 },
    { expiresAt: Number.NaN },
  ])('a proposal with %j', (odd) => {
    expect(() => proposalBytes({ ...proposal, ...odd })).toThrow(RangeError)
  })

  test('a hash that is none, as an id', () => {
    for (const odd of [`${hash}=`, '+', `${hash.slice(0, -1)}B`]) {
      expect(() => proposalId(odd)).toThrow(RangeError)
    }
  })
})

test('every vector is made here, and every purpose has one', () => {
  expect(Object.keys(made)).toEqual(Object.keys(pinned))
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
const names = Object.entries(pinned)

describe.each(names)('%s', (name, vector) => {
  const bytes = made[name] ?? new Uint8Array()
  const signature = parseSignature(vector.signature) ?? new Uint8Array()

  test('has its hash, and is signed and verified by node:crypto', () => {
    expect(toBase64Url(sha256(bytes))).toBe(vector.hash)
    expect(sign(null, bytes, privateKey).toString('base64url')).toBe(vector.signature)
    expect(verify(null, bytes, publicKey, signature)).toBe(true)
  })

  test('is signed and verified by tweetnacl', () => {
    const keys = nacl.sign.keyPair.fromSeed(seed)
    expect(toBase64Url(nacl.sign.detached(bytes, keys.secretKey))).toBe(vector.signature)
    expect(nacl.sign.detached.verify(bytes, signature, keys.publicKey)).toBe(true)
  })

  test.skipIf(!hasOpenssl)(
    'is verified by the openssl command line (skipped where that is not installed)',
    () => expect(opensslSays(bytes, signature)).toContain('Verified Successfully'),
  )
})

function opensslSays(bytes: Uint8Array, signature: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentchat-signing-'))
  try {
    writeFileSync(join(folder, 'key'), publicKey.export({ type: 'spki', format: 'pem' }))
    writeFileSync(join(folder, 'bytes'), bytes)
    writeFileSync(join(folder, 'sig'), signature)
    const files = ['-inkey', 'key', '-in', 'bytes', '-sigfile', 'sig']
    const options = ['pkeyutl', '-verify', '-rawin', '-pubin', ...files]
    return execFileSync('openssl', options, { cwd: folder, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('the lines of a proposal and of a step are those of protocol.md', () => {
  const linesOf = (bytes: Uint8Array) => Buffer.from(bytes.subarray(1)).toString().split('\n')
  const times = [String(ts), '1795521762123']
  const head = ['agentchat/1/proposal', server, serverKey, alice, bob, cid, ...times]
  expect(linesOf(proposed)).toEqual([...head, termsHash(terms)])
  const accept = ['agentchat/1/accept', server, id, hash, alice, String(ts)]
  expect(linesOf(made.accept ?? new Uint8Array()).slice(0, -1)).toEqual(accept)
  expect(id).toBe('2426b704f448a7c29db979ef3e720b22d14e63bf03d182f9861acd7efa23419e')
})

test('the strings of version 0: what counts as false is nothing, the last field may be missing', () => {
  const given = {
    to: '@bob',
    task: 'x',
    amount: 0.5,
    currency: 'SOL',
    payment_code: '',
    expires: 60,
  }
  expect(legacyProposalTexts(given)).toEqual(['@bob|x|0.5|SOL||60|', '@bob|x|0.5|SOL||60'])
  expect(legacyProposalTexts({ ...given, amount: 0, elo_stake: 5 })).toEqual(['@bob|x||SOL||60|5'])
  expect(legacyStepTexts('ACCEPT', 'p', {})).toEqual(['ACCEPT|p||', 'ACCEPT|p|'])
  expect(legacyStepTexts('ACCEPT', 'p', { elo_stake: 5 })).toEqual(['ACCEPT|p||5'])
  expect(legacyStepTexts('REJECT', 'p', { reason: 'a|b' })).toEqual(['REJECT|p|a|b'])
  expect(legacyStepTexts('COMPLETE', 'p', { proof: 'x' })).toEqual(['COMPLETE|p|x'])
  expect(legacyStepTexts('DISPUTE', 'p', { reason: 'x' })).toEqual(['DISPUTE|p|x'])
  for (const type of ['WITHDRAW', 'CONFIRM', 'FUNDED', 'SETTLE'] as const) {
    expect(legacyStepTexts(type, 'p', {})).toEqual([])
  }
  for (const field of ['task', 'amount', 'currency', 'payment_code', 'elo_stake']) {
    expect(hasBar({ ...given, [field]: 'a|b' })).toBe(true)
  }
  expect(hasBar({ ...given, amount: 5 })).toBe(false)
  const hashes = [legacyProposalHash(server, alice, 'a'), legacyProposalHash(server, bob, 'a')]
  expect(new Set([...hashes, legacyProposalHash('other', alice, 'a')]).size).toBe(3)
})

const word = fc.constantFrom(
  ...['', '0', '1', '1.0', '01', '-1', 'null', 'true', '{}', '[]', '{"a":1}', 'a', 'b', 'a|b', '|'],
  ...['a,b', 'a\nb', '"', '\\', '\\"', '\u00e9', 'e\u0301', '\u00c5', '\u212b', 'A\u030a'],
  ...['\ufb01', 'fi', 'a\u200b', 'A', '\u0430', '\u{1f600}', '\ufffd'],
)
const leaf = fc.oneof(word, fc.constantFrom(0, 1, -1, 10, 2 ** 53 - 1, true, false))
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('tree'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '1', 'task', 'amount'), tie('tree'), {
      maxKeys: 3,
    }),
  ),
}))
const seconds = fc.constantFrom(1, 11, 111)
const someTerms = fc
  .record(
    {
      task: word,
      amount: fc.oneof(word, fc.constantFrom(0, 1, 10, null)),
      currency: fc.oneof(word, fc.constant(null)),
      payment_code: fc.oneof(word, fc.constant(null)),
      terms: tree,
      confirm_seconds: seconds,
      due_seconds: seconds,
    },
    { requiredKeys: [] },
  )
  .chain((fields) =>
    fc.boolean().map((turned) => (turned ? reversed(fields) : fields) as Record<string, unknown>),
  )

/** The same document with its keys, and those of what is in it, in another order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([key, one]) => [key, reversed(one)] as const)
  return Object.fromEntries(members.reverse())
}

/** What is the same of terms that are: an absent field and null mean the same. */
function meaningOf(fields: Record<string, unknown>): string {
  return canonicalOf(Object.fromEntries(Object.entries(fields).filter(([, one]) => one != null)))
}

test('no two different terms give the same bytes, and the same terms in any order do', () => {
  const build = (fields: Record<string, unknown>) => proposalBytes({ ...proposal, terms: fields })
  assertDifferent(someTerms, build, meaningOf)
  fc.assert(
    fc.property(someTerms, (fields) => {
      const turned = reversed(fields) as Record<string, unknown>
      expect(build(turned)).toEqual(build(fields))
    }),
  )
})
