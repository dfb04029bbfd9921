// Deals with the library: what cannot be proposed, what a server refuses, and deals that are made and ended.

import { expect, onTestFinished, test, vi } from 'vitest'
import { type AgentChat, checkChain, createIdentity, IdentityError } from '../../src/index.ts'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed } from './kit/agents.ts'
import { after, chainFrame, keysOf, mallory, proposed } from './kit/deals.ts'
import { hospitable, hostileServer } from './kit/hostile.ts'

const task = 'translate the page'

test('without a key nothing is signed, nor sent', async () => {
  const server = await hostileServer(hospitable())
  const { proposals } = await connect(server.url, { name: 'guest' })
  const { length } = server.heard
  const attempts = [
    proposals.propose('@bob', { task }),
    proposals.accept('a'),
    proposals.reject('a'),
    proposals.withdraw('a'),
    proposals.complete('a'),
    proposals.confirm('a'),
    proposals.dispute('a', { reason: 'no' }),
    proposals.settle('a', { outcome: 'half' }),
    proposals.fund('a'),
  ]
  for (const attempt of attempts) {
    await expect(attempt).rejects.toBeInstanceOf(IdentityError)
    await expect(attempt).rejects.toMatchObject({ reason: 'bad-key' })
  }
  expect(server.heard.length).toBe(length)
})

test('what cannot be proposed is not sent', async () => {
  const server = await hostileServer(hospitable())
  const { proposals } = await connectKeyed(server.url, 'alice')
  const { length } = server.heard
  const to = mallory.public.id
  const wrong = [
    () => proposals.propose('bob', { task }),
    () => proposals.propose(to, { task: '' }),
    () => proposals.propose(to, { task: '\ud800' }),
    () => proposals.propose(to, { task: 'NUL \0' }),
    () => proposals.propose(to, { task, amount: '5 SOL' }),
    () => proposals.propose(to, { task, amount: '-1' }),
    () => proposals.propose(to, { task, amount: '' }),
    () => proposals.propose(to, { task, cid: 'short' }),
    () => proposals.propose(to, { task, terms: 0.5 }),
    () => proposals.propose(to, { task, terms: { a: null } }),
    () => proposals.propose(to, { task, terms: new Date() }),
    () => proposals.propose(to, { task, terms: 'x'.repeat(20_000) }),
    () => proposals.propose(to, { task, expiresSeconds: 0.5001 }),
  ]
  for (const attempt of wrong) await expect(attempt()).rejects.toThrow(RangeError)
  expect(server.heard.length).toBe(length)
})

test('a server says no, and why', async () => {
  const { buyer, maker } = await parties()
  const { proposals } = buyer
  const refusals: [() => Promise<unknown>, string][] = [
    [() => proposals.propose('@nobody', { task }), 'AGENT_NOT_FOUND'],
    [() => proposals.propose(buyer.id, { task }), 'INVALID_MSG'],
    [() => proposals.propose('#general', { task }), 'NOT_INVITED'],
    [() => proposals.propose(maker.id, { task, paymentCode: 'nowhere' }), 'INVALID_MSG'],
    [() => proposals.accept('f'.repeat(64)), 'PROPOSAL_NOT_FOUND'],
    [() => proposals.list({ channel: '#nowhere' }), 'CHANNEL_NOT_FOUND'],
  ]
  for (const [asked, code] of refusals) await expect(asked()).rejects.toMatchObject({ code })
  const { proposal_id: id } = await proposals.propose('@bob', { task })
  for (const attempt of [() => proposals.accept(id), () => proposals.reject(id)]) {
    await expect(attempt()).rejects.toMatchObject({ message: 'NOT_PROPOSAL_RECIPIENT' })
  }
})

test('a deal from the first word to the last, and each step once', async () => {
  const { buyer, maker } = await parties()
  const cid = 'd'.repeat(22)
  const promise = { task, amount: '0.05', currency: 'SOL', terms: ['by noon'], cid }
  const made = await buyer.proposals.propose('@bob', { ...promise, paymentCode: 'x:alice' })
  const { proposal_id: id } = made
  expect(made).toMatchObject({ status: 'pending', from: buyer.id, to: maker.id, amount: '0.05' })
  const again = await buyer.proposals.propose(maker.id, { ...promise, paymentCode: 'x:alice' })
  expect(again).toMatchObject({ proposal_id: id, repeat: true })
  const other = buyer.proposals.propose('@bob', { ...promise, task: 'another' })
  await expect(other).rejects.toMatchObject({ code: 'CID_CONFLICT' })

  const taking = { paymentCode: 'x:bob' }
  expect(await maker.proposals.accept(id, taking)).not.toHaveProperty('repeat')
  expect(await maker.proposals.accept(id, taking)).toMatchObject({
    type: 'PROPOSAL_STATE',
    proposal_id: id,
    status: 'accepted',
    repeat: true,
  })
  await expect(maker.proposals.accept(id, { paymentCode: 'x:other' })).rejects.toMatchObject({
    message: 'PROPOSAL_NOT_PENDING',
  })
  const proof = 'https://example.org/page'
  expect(await maker.proposals.complete(id, { proof })).toMatchObject({ awaiting: 'confirmation' })
  expect(await maker.proposals.complete(id, { proof })).toMatchObject({ repeat: true })
  await expect(maker.proposals.confirm(id)).rejects.toMatchObject({
    message: 'NOT_PROPOSAL_COUNTERPARTY',
  })
  expect(await buyer.proposals.confirm(id)).toMatchObject({ status: 'completed' })
  expect(await buyer.proposals.confirm(id)).toMatchObject({ status: 'completed', repeat: true })

  const read = await maker.proposals.get(id)
  expect(read.steps.map(({ type }) => type)).toEqual(['ACCEPT', 'COMPLETE', 'CONFIRM'])
  expect(read).toMatchObject({
    id,
    proposal: { task, terms: ['by noon'] },
    frame: { server: 'localhost' },
  })
})

test('what is withdrawn or rejected is over', async () => {
  const { buyer, maker } = await parties()
  const first = (await buyer.proposals.propose('@bob', { task })).proposal_id
  const second = (await buyer.proposals.propose('@bob', { task })).proposal_id
  const reason = 'too late'
  expect(await buyer.proposals.withdraw(first, { reason })).toMatchObject({ status: 'withdrawn' })
  expect(await maker.proposals.reject(second, { reason })).toMatchObject({ status: 'rejected' })
  await expect(maker.proposals.accept(first)).rejects.toMatchObject({
    message: 'PROPOSAL_NOT_PENDING',
  })
  const { steps } = await maker.proposals.get(second)
  expect(steps).toMatchObject([{ type: 'REJECT', by: maker.id, reason }])

  const all = await maker.proposals.list()
  expect(all.list.map(({ proposal_id }) => proposal_id)).toEqual([second, first])
  const wanted = await buyer.proposals.list({ status: 'rejected', role: 'proposer', limit: 1 })
  expect(wanted).toMatchObject({ total: 1, list: [{ proposal_id: second }] })
  const named = await buyer.proposals.list({ prefix: first.slice(0, 12) })
  expect(named.list).toMatchObject([{ proposal_id: first }])
})

test('an open offer is for whoever of the channel takes it first', async () => {
  const { server, buyer, maker } = await parties()
  const carol = await connectKeyed(server.url, 'carol')
  for (const agent of [buyer, maker, carol]) await agent.join('#general')
  const { proposal_id: id } = await buyer.proposals.propose('#GENERAL', { task })
  const { list } = await carol.proposals.list({ channel: '#general' })
  expect(list).toMatchObject([{ proposal_id: id, to: null, channel: '#general' }])
  expect(await carol.proposals.get(id)).toMatchObject({ to: null, stage: 'pending' })
  await expect(buyer.proposals.accept(id)).rejects.toMatchObject({
    message: 'NOT_PROPOSAL_RECIPIENT',
  })
  const closed = maker.once('OFFER_CLOSED')
  expect(await carol.proposals.accept(id)).toMatchObject({ to: carol.id, status: 'accepted' })
  expect(await closed).toMatchObject({ proposal_id: id, status: 'accepted' })
  await expect(maker.proposals.accept(id)).rejects.toMatchObject({ code: 'PROPOSAL_NOT_FOUND' })
  expect(await buyer.proposals.get(id)).toMatchObject({ to: carol.id, stage: 'accepted' })
})

test('whoever is overtaken in taking an open offer is told that it is taken', async () => {
  const { server, buyer, maker } = await parties()
  const carol = await connectKeyed(server.url, 'carol')
  for (const agent of [buyer, maker, carol]) await agent.join('#general')
  const { proposal_id: id } = await buyer.proposals.propose('#general', { task })
  betweenReadingAndSigning(maker, () => carol.proposals.accept(id))
  const message = 'PROPOSAL_NOT_PENDING'
  await expect(maker.proposals.accept(id)).rejects.toMatchObject({ message })
})

test('an open offer that is withdrawn was taken by nobody', async () => {
  const { buyer } = await parties()
  await buyer.join('#general')
  const { proposal_id: id } = await buyer.proposals.propose('#general', { task })
  expect(await buyer.proposals.withdraw(id)).toMatchObject({ status: 'withdrawn', to: null })
  expect(await buyer.proposals.get(id)).toMatchObject({ to: null, stage: 'withdrawn' })
})

test('a dispute ends when both say the same, also when they say it at once', async () => {
  const { buyer, maker } = await parties()
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  await maker.proposals.accept(id)
  await maker.proposals.complete(id)
  const reason = 'nothing came'
  expect(await buyer.proposals.dispute(id, { reason })).toMatchObject({ status: 'disputed' })
  await expect(buyer.proposals.confirm(id)).rejects.toMatchObject({
    message: 'PROPOSAL_NOT_CLAIMED',
  })
  expect(await maker.proposals.settle(id, { outcome: 'all' })).toMatchObject({ status: 'disputed' })
  expect(await maker.proposals.settle(id, { outcome: 'all' })).toMatchObject({ repeat: true })
  betweenReadingAndSigning(maker, () => buyer.proposals.settle(id, { outcome: 'half' }))
  expect(await maker.proposals.settle(id, { outcome: 'half' })).toMatchObject({ status: 'settled' })
  const { steps } = await buyer.proposals.get(id)
  const outcomes = steps.flatMap(({ outcome, by }) => (outcome ? [[by, outcome]] : []))
  expect(outcomes).toEqual([
    [maker.id, 'all'],
    [buyer.id, 'half'],
    [maker.id, 'half'],
  ])
})

test('an escrow signs that it has what was agreed', async () => {
  const held = after(proposed(), 'ACCEPT', { stage: 'awaiting_escrow' })
  const server = await hostileServer(
    hospitable(({ type, ref }, { say }) => {
      if (type === 'GET_PROPOSAL') say(chainFrame(held, ref))
      else say({ type: 'ERROR', ref, code: 'INTERNAL', message: 'stored nothing' })
    }),
  )
  const identity = createIdentity('escrow')
  const escrow = await connect(server.url, { identity })
  const reference = 'vault 7'
  await expect(escrow.proposals.fund(held.id, { reference })).rejects.toThrow('stored nothing')
  const sent = server.heard.at(-1)
  expect(sent).toMatchObject({ type: 'FUNDED', link: held.link, reference })
  const own = { reference }
  const told = { sig: sent?.sig, sig_ts: sent?.ts }
  const funded = after(held, 'FUNDED', { by: keysOf(identity), stage: 'accepted', own, told })
  const checked = checkChain(funded.chain, { serverName: escrow.serverName })
  expect(checked).toMatchObject({ stage: 'accepted', steps: [{}, { by: escrow.id, reference }] })
})

test('a step is not signed anew when another one has made it impossible', async () => {
  const { buyer, maker } = await parties()
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  betweenReadingAndSigning(maker, () => buyer.proposals.withdraw(id))
  await expect(maker.proposals.accept(id)).rejects.toMatchObject({
    message: 'PROPOSAL_NOT_PENDING',
  })
  await maker.proposals.get(id).then(({ steps }) => expect(steps).toHaveLength(1))
})

test('the steps of a proposal and where it stands are of one moment', async () => {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  const { buyer, maker } = await parties({ ...hasty, data, durability: 'full' })
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  await maker.proposals.accept(id)
  await maker.proposals.dispute(id, { reason: 'nothing came' })
  let isOver = false
  const looks = Array.from({ length: 8 }, async () => {
    while (!isOver) {
      const { frame, link } = await maker.proposals.get(id)
      expect(frame.proposal.link).toBe(link)
    }
  })
  const looking = Promise.all(looks)
  looking.catch(() => {})
  for (let index = 0; index < 13; index++) {
    await buyer.proposals.settle(id, { outcome: `${index}` })
    await maker.proposals.settle(id, { outcome: `not ${index}` })
  }
  isOver = true
  await looking
})

test('a step that two connections of an agent take at once is taken once, and both hear that it is', async () => {
  const { server, buyer } = await parties()
  const identity = createIdentity('carol')
  const [one, other] = [
    await connect(server.url, { identity }),
    await connect(server.url, { identity }),
  ]
  for (let round = 0; round < 5; round++) {
    const { proposal_id: id } = await buyer.proposals.propose(one.id, { task })
    for (const type of ['accept', 'complete'] as const) {
      const states = await Promise.all([one.proposals[type](id), other.proposals[type](id)])
      expect(states.map(({ status }) => status)).toEqual(['accepted', 'accepted'])
    }
    expect((await one.proposals.get(id)).steps.map(({ type }) => type)).toEqual([
      'ACCEPT',
      'COMPLETE',
    ])
    await buyer.proposals.confirm(id)
  }
})

test('a step that was taken is taken, also when others came after it', async () => {
  const { buyer, maker } = await parties()
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task })
  await maker.proposals.accept(id)
  await buyer.proposals.dispute(id, { reason: 'nothing came' })
  expect(await maker.proposals.accept(id)).toMatchObject({ repeat: true, status: 'disputed' })
})

async function parties(given = hasty) {
  const server = await serve(given)
  const buyer = await connectKeyed(server.url, 'alice')
  const maker = await connectKeyed(server.url, 'bob')
  return { server, buyer, maker }
}

/** Does something once, after a proposal was read and before the step is signed. */
function betweenReadingAndSigning({ proposals }: AgentChat, act: () => Promise<unknown>): void {
  const get = proposals.get.bind(proposals)
  vi.spyOn(proposals, 'get').mockImplementationOnce(async (...asked) => {
    const read = await get(...asked)
    await act()
    return read
  })
}
