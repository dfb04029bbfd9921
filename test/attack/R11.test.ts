// R11: One agent makes channels, invites, names, requests and proposals until the server is full of them.

import { describe, expect, test } from 'vitest'
import { limits } from '../../src/protocol/limits.ts'
import {
  anon,
  connect,
  type Frame,
  hasty,
  keyed,
  makeKeys,
  type Peer,
  proofV1,
  serve,
} from '../wire/kit.ts'
import { proposalV1, stepV1 } from '../wire/proposal-kit.ts'

async function mallory(): Promise<{ server: Awaited<ReturnType<typeof serve>>; peer: Peer }> {
  const server = await serve(hasty)
  return { server, peer: await anon(server, 'mallory') }
}

/** Asks for one thing after the other, and gives the last answer. */
async function askAll(peer: Peer, frames: readonly object[]) {
  const answers = await Promise.all(frames.map((frame) => peer.ask(frame)))
  expect(answers.slice(0, -1).filter(({ type }) => type === 'ERROR')).toEqual([])
  return answers.at(-1)
}

const many = (count: number, make: (at: number) => object) =>
  Array.from({ length: count }, (_none, at) => make(at))

test('channels that one agent makes', async () => {
  const { peer } = await mallory()
  const create = (at: number) => ({ type: 'CREATE_CHANNEL', channel: `#c${at}` })
  expect(await askAll(peer, many(limits.channels_owned + 1, create))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'channels_owned',
  })
})

test('channels that one agent is in', async () => {
  const { server, peer } = await mallory()
  const makers = await Promise.all(many(6, () => ({})).map(() => anon(server, 'maker')))
  const names = many(limits.channels_per_agent + 1, (at) => ({ channel: `#c${at}` }))
  for (const [at, name] of names.entries()) {
    await makers[at % makers.length]?.ask({ type: 'CREATE_CHANNEL', ...name })
  }
  expect(
    await askAll(
      peer,
      names.map((name) => ({ type: 'JOIN', ...name })),
    ),
  ).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'channels_per_agent',
  })
})

test('invites of one agent that nobody has used', async () => {
  const { server, peer } = await mallory()
  await peer.ask({ type: 'CREATE_CHANNEL', channel: '#trap', invite_only: true })
  const guests = await Promise.all(
    many(limits.open_invites + 1, () => ({})).map(() => anon(server, 'guest')),
  )
  const invites = guests.map(({ id }) => ({ type: 'INVITE', channel: '#trap', agent: id }))
  expect(await askAll(peer, invites)).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'open_invites',
  })
})

test('connections of one key', async () => {
  const server = await serve(hasty)
  const keys = makeKeys()
  for (let at = 0; at < limits.sessions_per_agent; at++) await keyed(server, 'mallory', keys)
  const peer = await connect(server)
  const nonce = 'ab'.repeat(32)
  const login = { type: 'IDENTIFY', name: 'mallory', pubkey: keys.pem, v: 1, nonce }
  const challenge = await peer.ask(login)
  expect(await peer.ask(proofV1(keys, challenge, nonce))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'sessions_per_agent',
  })
})

test('requests to others to prove themselves', async () => {
  const { server, peer } = await mallory()
  const bob = await keyed(server, 'bob', makeKeys())
  const ask = () => ({ type: 'VERIFY_REQUEST', target: bob.id, nonce: '0f'.repeat(16) })
  expect(await askAll(peer, many(limits.open_verifications + 1, ask))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'open_verifications',
  })
})

test('turns that one agent takes and does not use', async () => {
  const { peer } = await mallory()
  await peer.ask({ type: 'JOIN', channel: '#general' })
  const take = (at: number) => ({ type: 'RESPONDING_TO', msg_id: `m${at}`, channel: '#general' })
  expect(await askAll(peer, many(limits.open_claims + 1, take))).toMatchObject({
    code: 'LIMIT_REACHED',
    limit: 'open_claims',
  })
})

test('names: an agent owns the one that it is called', async () => {
  const server = await serve(hasty)
  const peer = await keyed(server, 'first', makeKeys())
  await peer.ask({ type: 'SET_NICK', nick: 'second' })
  expect((await keyed(server, 'first', makeKeys())).welcome.name).toBe('first')
})

describe('proposals', () => {
  /** Somebody with a key, and as many others as there are names. */
  async function dealers(...names: string[]) {
    const server = await serve(hasty)
    const login = async (name: string) => {
      const keys = makeKeys()
      return { keys, peer: await keyed(server, name, keys) }
    }
    return { maker: await login('mallory'), others: await Promise.all(names.map(login)) }
  }

  type Dealer = Awaited<ReturnType<typeof dealers>>['maker']

  const propose = ({ keys, peer }: Dealer, to: string, task: string) =>
    peer.ask(proposalV1(keys, { to, task }))
  const step = ({ keys, peer }: Dealer, type: string, at: Frame, fields = {}) =>
    peer.ask(stepV1(keys, type, at, { fields }))

  test('that one agent has open', async () => {
    const names = Array.from({ length: 11 }, (_none, at) => `agent${at}`)
    const { maker, others } = await dealers(...names)
    const targets = many(limits.open_proposals + 1, (at) => others[at % 11]?.peer ?? {}) as Peer[]
    const answers = await Promise.all(targets.map(({ id }, at) => propose(maker, id, `x${at}`)))
    expect(answers.filter(({ status }) => status === 'pending')).toHaveLength(limits.open_proposals)
    expect(answers.at(-1)).toMatchObject({ code: 'LIMIT_REACHED', limit: 'open_proposals' })
    // An accepted one is open until it is completed.
    await step(others[0] as Dealer, 'ACCEPT', answers[0] as Frame)
    expect(await propose(maker, targets[0]?.id ?? '', 'more')).toMatchObject({
      limit: 'open_proposals',
    })
  })

  test.each(['an agent', 'a channel'])('that one agent has open with %s', async (where) => {
    const { maker, others } = await dealers('bob')
    await maker.peer.ask({ type: 'JOIN', channel: '#bounties' })
    const to = where === 'a channel' ? '#bounties' : (others[0]?.peer.id ?? '')
    const frames = many(limits.open_proposals_to_one + 1, (at) => ({ task: `x${at}` }))
    const signed = frames.map((fields) => proposalV1(maker.keys, { to, ...fields }))
    const limit = { code: 'LIMIT_REACHED', limit: 'open_proposals_to_one' }
    expect(await askAll(maker.peer, signed)).toMatchObject(limit)
  })

  test('that are over: the newest are listed, the others are forgotten', async () => {
    const { maker, others } = await dealers('bob')
    const bob = others[0] as Dealer
    const most = limits.closed_proposals + limits.open_proposals
    const again = proposalV1(maker.keys, { to: bob.peer.id, task: 'the first' })
    await step(bob, 'REJECT', await maker.peer.ask(again))
    for (let made = 0; made < most + 60; made += 10) {
      const some = many(10, (at) => ({ task: `x${made + at}` }))
      const frames = some.map((fields) => proposalV1(maker.keys, { to: bob.peer.id, ...fields }))
      const states = await Promise.all(frames.map((frame) => maker.peer.ask(frame)))
      await Promise.all(
        states.map((at) => step(made % 20 ? maker : bob, made % 20 ? 'WITHDRAW' : 'REJECT', at)),
      )
    }
    for (const { peer } of [maker, bob]) {
      const { total, list } = await peer.ask({ type: 'LIST_PROPOSALS', limit: 1 })
      expect(total).toBeLessThanOrEqual(most)
      expect(list).toMatchObject([{ task: `x${most + 59}` }])
    }
    // Its id is for good: what was forgotten is not made anew.
    expect(await maker.peer.ask(again)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  })

  test('with steps without end, the longest there are', async () => {
    const { maker, others } = await dealers('bob')
    const bob = others[0] as Dealer
    let at = await propose(maker, bob.peer.id, '\u0001'.repeat(2_500))
    at = await step(bob, 'ACCEPT', at)
    at = await step(bob, 'DISPUTE', at, { reason: '\u20ac'.repeat(limits.reason_characters) })
    const longest = limits.reason_characters - 2
    for (let taken = 0; taken < limits.proposal_steps; taken++) {
      const outcome = `${10 + taken}${'\u20ac'.repeat(longest)}`
      at = await step(maker, 'SETTLE', at, { outcome })
      expect(at).toMatchObject({ type: 'PROPOSAL_STATE', status: 'disputed' })
    }
    expect(await step(maker, 'SETTLE', at, { outcome: 'once more' })).toMatchObject({
      code: 'LIMIT_REACHED',
      limit: 'proposal_steps',
    })
    const { proposal_id } = at
    const whole = await bob.peer.ask({ type: 'GET_PROPOSAL', proposal_id })
    expect(whole.chain).toHaveLength(3 + limits.proposal_steps)
    expect(Buffer.byteLength(JSON.stringify(whole))).toBeLessThan(limits.chain_bytes)
  })
})
