// M8: A number that implementations read differently stands in a signed document.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDocument } from '../../src/protocol/document.ts'
import { termsHash } from '../../src/protocol/proposal-signing.ts'
import { messageBytes } from '../../src/protocol/signing.ts'
import { type Frame, hasty, idOf, keyed, keyedV0, makeKeys, serve } from '../wire/kit.ts'
import { proposalTextV0, proposalV0, proposalV1, stepV1, told } from '../wire/proposal-kit.ts'

const alice = makeKeys()
const bob = makeKeys()

const message = { server: 's', target: '#a', agent: '@a', cid: 'c', kind: 'text', content: '' }

describe('refused in a signed document', () => {
  test.each([
    '0.1',
    '1e-7',
    '-0',
    '-0.0',
    '0.30000000000000004',
    '9007199254740992',
    '-9007199254740992',
    '9007199254740993',
    '12345678901234567890',
    '1e400',
    '-1e400',
    '1e21',
  ])('the number %s', (spelled) => {
    for (const text of [spelled, `[${spelled}]`, `{"a":{"b":[0,${spelled}]}}`]) {
      expect(() => canonicalDocument(JSON.parse(text))).toThrow(/whole numbers/)
    }
    const extensions = { amount: JSON.parse(spelled) }
    expect(() => messageBytes({ ...message, ts: 0, extensions })).toThrow(TypeError)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.MIN_VALUE])('the number %d', (number) => {
    expect(() => canonicalDocument(number)).toThrow(/whole numbers/)
  })

  test('big integers', () => {
    expect(() => canonicalDocument({ a: 1n })).toThrow(/bigint/)
  })
})

test.each([-1, 0.5, 2 ** 53, Number.NaN])('%d is refused as a signed time', (ts) => {
  expect(() => messageBytes({ ...message, ts })).toThrow(RangeError)
})

test('accepted: whole numbers to 2^53 - 1, and decimals as strings', () => {
  const value = [0, 1, -1, 9007199254740991, -9007199254740991, '0.1', '1e400']
  const text = '[0,1,-1,9007199254740991,-9007199254740991,"0.1","1e400"]'
  expect(canonicalDocument(value)).toBe(text)
  expect(canonicalDocument(JSON.parse('[1.0,1e3,10E-1]'))).toBe('[1,1000,1]')
})

test('what is accepted reads back as it was, digit by digit', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.double()), (number) => {
      if (Number.isSafeInteger(number) && !Object.is(number, -0)) {
        expect(canonicalDocument([number])).toBe(`[${BigInt(number)}]`)
      } else {
        expect(() => canonicalDocument([number])).toThrow(TypeError)
      }
    }),
  )
})

describe('in a proposal of version 1', () => {
  const sign = () => proposalV1(alice, { to: idOf(bob), task: 'x', amount: '1', terms: 'here' })

  test.each([
    ...['0.1', '1', '-0', '1e400', '12345678901234567890', '1e21', '"1e5"', '"-0"', '"0x1"'],
    ...['"01"', '"1."', '"\u0661"', '"1 "', '"9007199254740993.0000000000000000001"'],
  ])('the amount %s is refused', async (spelled) => {
    const server = await serve(hasty)
    const one = await keyed(server, 'alice', alice)
    const other = await keyed(server, 'bob', bob)
    const frame = JSON.stringify({ ref: 'a', ...sign(), amount: 'there' })
    one.send(frame.replace('"there"', spelled))
    expect(await one.next(({ ref }) => ref === 'a')).toMatchObject({ code: 'INVALID_MSG' })
    expect(await other.settled()).toEqual([])
  })

  test.each(['0.1', '-0', '9007199254740992', '12345678901234567890', '1e400', '{"a":[1e-7]}'])(
    'the terms %s are refused, for the number in them',
    async (spelled) => {
      const server = await serve(hasty)
      const one = await keyed(server, 'alice', alice)
      await keyed(server, 'bob', bob)
      one.send(JSON.stringify({ ref: 'a', ...sign() }).replace('"here"', spelled))
      const answer = await one.next(({ ref }) => ref === 'a')
      expect(answer).toMatchObject({ code: 'INVALID_MSG' })
      expect(answer.message).toMatch(/whole numbers/)
    },
  )

  test.each([
    ['expires', '1e400'],
    ['expires', '3600.5'],
    ['expires', '9007199254740993'],
    ['due_seconds', '1e400'],
    ['confirm_seconds', '-1'],
    ['ts', '1e400'],
    ['ts', '9007199254740993'],
  ])('the number %s: %s is refused', async (field, spelled) => {
    const server = await serve(hasty)
    const one = await keyed(server, 'alice', alice)
    await keyed(server, 'bob', bob)
    const frame = JSON.stringify({ ref: 'a', ...sign(), [field]: 'there' })
    one.send(frame.replace('"there"', spelled))
    expect(await one.next(({ ref }) => ref === 'a')).toMatchObject({ type: 'ERROR' })
  })

  test('a number and its text are different terms', () => {
    const hashes = [1, '1', '1.0', '01', [1], ['1']].map((amount) => termsHash({ amount }))
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  test('an amount is told digit by digit as it was written, and so are numbers in the terms', async () => {
    const server = await serve(hasty)
    const one = await keyed(server, 'alice', alice)
    const other = await keyed(server, 'bob', bob)
    const terms = { most: 9007199254740991, least: -9007199254740991, rate: '0.10' }
    for (const amount of ['900719925474099300000000000001.000000000000000010', '0.10', '0']) {
      const frame = proposalV1(alice, { to: idOf(bob), task: 'x', amount, terms })
      const proposal = await told(one, [one, other], frame)
      expect(proposal).toMatchObject({ amount, terms })
      await told(other, [one, other], stepV1(bob, 'ACCEPT', proposal))
      const { list } = await other.ask({ type: 'LIST_PROPOSALS', limit: 1 })
      expect(list).toMatchObject([{ status: 'accepted', amount }])
      const { chain } = await one.ask({ type: 'GET_PROPOSAL', proposal_id: proposal.proposal_id })
      expect((chain as Frame[])[0]).toEqual(proposal)
    }
  })
})

test.each(['0.1', '1e21', '1E2', '5.0', '0.30000000000000004', '12345678901234567890'])(
  'the number %s in a proposal of version 0 is signed and told as what it was read as',
  async (spelled) => {
    const server = await serve(hasty)
    const one = await keyedV0(server, 'alice', alice)
    const other = await keyedV0(server, 'bob', bob)
    const amount: number = JSON.parse(spelled)
    const frame = proposalV0(alice, { to: idOf(bob), task: 'x', amount })
    one.send(JSON.stringify({ ...frame, amount: 'here' }).replace('"here"', spelled))
    const proposal = await other.next('PROPOSAL')
    expect(proposal.amount).toBe(amount)
    expect(proposalTextV0(proposal)).toBe(`${idOf(bob)}|x|${amount}||||`)
  },
)
