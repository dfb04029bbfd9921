// M5: A delimiter inside a field makes two different messages give the same signed bytes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  hasBar,
  legacyProposalTexts,
  proposalBytes,
  sealBytes,
  stepBytes,
} from '../../src/protocol/proposal-signing.ts'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import { loginBytes, messageBytes, signingBytes } from '../../src/protocol/signing.ts'
import { assertDifferent } from '../protocol/collisions.ts'
import { hasty, idOf, keyedV0, makeKeys, serve } from '../wire/kit.ts'
import { proposalTextV0, proposalV0, refusedOnce } from '../wire/proposal-kit.ts'

/** Short fields of what delimits: equal bytes, if there are any, are soon found among them. */
const field = fc
  .array(fc.constantFrom('a', '1', '-', '|', ',', '/', '\n', '\0', ' ', 'é'), { maxLength: 3 })
  .map((chars) => chars.join(''))
const clean = fc.constantFrom('a', '1', '-1', 'a-', '|', '||', 'a|', '|a', ',', '/', 'a/1', '--')
const mostlyClean = fc.oneof({ weight: 20, arbitrary: clean }, field)

test('fields that spell the delimiter or absence are refused', () => {
  for (const bad of ['a\nb', '\n', '-', '', ' ']) {
    expect(() => signingBytes('msg', ['a', bad])).toThrow(RangeError)
  }
})

test('no two lists of fields give the same bytes', () => {
  const input = fc.record({
    purpose: fc.constantFrom('msg', 'msg-', 'login', 'm'),
    fields: fc.array(fc.option(mostlyClean, { nil: undefined }), { maxLength: 5 }),
  })
  assertDifferent(input, ({ purpose, fields }) => signingBytes(purpose, fields))
})

test('no two messages give the same bytes', () => {
  const input = fc.record(
    {
      server: mostlyClean,
      target: mostlyClean,
      agent: mostlyClean,
      cid: mostlyClean,
      ts: fc.constantFrom(0, 1, 11, 1.5, -1),
      kind: mostlyClean,
      inReplyTo: mostlyClean,
      content: field,
      extensions: fc.constantFrom({}, { a: '' }, { a: 1 }, { a: '1' }, { a: [1] }, { a: ['1'] }),
    },
    { requiredKeys: ['server', 'target', 'agent', 'cid', 'ts', 'kind', 'content'] },
  )
  assertDifferent(input, messageBytes)
})

test('no two logins give the same bytes', () => {
  const input = fc.record({
    server: clean,
    serverKey: clean,
    serverNonce: clean,
    clientNonce: clean,
    agent: mostlyClean,
    time: fc.constantFrom(0, 1, 11),
    versions: fc.array(fc.constantFrom('1', '0', '1,0', '10', '', ','), { maxLength: 2 }),
  })
  assertDifferent(input, loginBytes)
})

test('no two proposals give the same bytes', () => {
  const input = fc.record({
    server: clean,
    serverKey: clean,
    from: clean,
    to: mostlyClean,
    cid: mostlyClean,
    ts: fc.constantFrom(0, 1, 11),
    expiresAt: fc.constantFrom(undefined, 0, 1, 11),
    terms: fc.record({ task: field, currency: field }, { requiredKeys: [] }),
  })
  // JSON leaves out what is undefined, as absence is meant to be the same.
  assertDifferent(input, proposalBytes)
})

test('no two steps of proposals give the same bytes, whatever their types', () => {
  const own = fc.record(
    { payment_code: field, reason: field, proof: field, outcome: field, reference: field },
    { requiredKeys: [] },
  )
  const input = fc
    .record({
      type: fc.constantFrom(...(Object.keys(steps) as StepType[])),
      server: clean,
      proposalId: clean,
      proposalHash: clean,
      agent: mostlyClean,
      ts: fc.constantFrom(0, 1, 11),
      link: field,
      fields: own,
    })
    .map((step) => ({ ...step, fields: ownOf(step.type, step.fields) }))
  assertDifferent(input, stepBytes)
})

/** What of the fields belongs to a step, in one order; the others are no part of it. */
function ownOf(type: StepType, fields: Readonly<Record<string, string>>): Record<string, string> {
  const names: readonly string[] = steps[type].own
  return Object.fromEntries(
    names.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])),
  )
}

test('no two chains give the same bytes', () => {
  const frame = fc.record({ type: field, ts: fc.constantFrom(1, 1.5, null), sig: field })
  const input = fc.record({
    server: clean,
    serverKey: clean,
    proposalId: mostlyClean,
    chain: fc.array(frame, { maxLength: 3 }),
  })
  assertDifferent(input, sealBytes)
})

test('the strings of version 0 do collide, so none with a bar in a field is taken', async () => {
  const [alice, bob] = [makeKeys(), makeKeys()]
  const to = idOf(bob)
  const signed = { to, task: 'transfer', amount: 1000, currency: 'USD', elo_stake: 60 }
  const meant = { to, task: 'transfer|1000', amount: 'USD', expires: 60 }
  expect(proposalTextV0(meant, 'older')).toBe(proposalTextV0(signed, 'newer'))
  const server = await serve(hasty)
  const one = await keyedV0(server, 'alice', alice)
  const other = await keyedV0(server, 'bob', bob)
  const { sig } = proposalV0(alice, signed)
  expect(await refusedOnce(one, { ...proposalV0(alice, meant, 'older'), sig })).toMatchObject({
    code: 'INVALID_MSG',
  })
  expect(await other.settled()).toEqual([])
})

test('no two proposals of version 0 without a bar are signed alike, in either form', () => {
  const part = fc.constantFrom('', 'a', '1', '0', ' ', 'a|', '|', 'a,', '-', '11')
  const input = fc.record({
    to: fc.constantFrom('@a', '@b', '#a'),
    task: part,
    amount: fc.oneof(part, fc.constantFrom(11, 2.5)),
    currency: part,
    payment_code: part,
    expires: fc.constantFrom(1, 11, 60),
    elo_stake: part,
  })
  const build = (fields: Record<string, unknown>) => {
    if (hasBar(fields)) throw new RangeError('refused')
    return Buffer.from(legacyProposalTexts(fields)[0] ?? '')
  }
  // A number and its text are the same amount there.
  const told = (fields: Record<string, unknown>) =>
    JSON.stringify(Object.values(fields).map((one) => String(one)))
  assertDifferent(input, build, told)
})
