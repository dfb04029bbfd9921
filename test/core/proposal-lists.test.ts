// Who may see proposals: lists of one's own, pages without gaps or doubles, and chains for those with a part in them.

import { describe, expect, test } from 'vitest'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import type { Actor } from '../kit/actor.ts'
import { dealAt, dealNews, type Market, market, type State } from '../kit/deals.ts'

const stepTypes = Object.keys(steps) as StepType[] // the keys of the table

type Wanted = Parameters<typeof askFor>[1]

/** The tasks in a list. */
async function tasksOf(actor: Actor, wanted: Wanted = {}): Promise<string[]> {
  return (await askFor(actor, wanted)).list.map(({ task }) => task)
}

function askFor(
  actor: Actor,
  wanted: {
    status?: State['status']
    role?: 'proposer' | 'recipient'
    channel?: string
    prefix?: string
    before?: number
    limit?: number
  },
) {
  return actor.asks('LIST_PROPOSALS', wanted)
}

/** Five deals of alice and bob, in different stages. */
async function dealt() {
  const place = await market()
  const { alice, bob, eve } = place
  const first = await alice.proposes(bob, 'first')
  const second = await bob.proposes(alice, 'second')
  await bob.step('ACCEPT', first)
  await bob.step('WITHDRAW', second)
  await alice.proposes(eve, 'third')
  const fourth = await alice.proposes('#jobs', 'fourth')
  await bob.step('ACCEPT', fourth)
  await alice.proposes('#jobs', 'fifth')
  return { ...place, first, second, fourth }
}

describe('a list', () => {
  test('holds one’s own, made and received, the newest first', async () => {
    const { alice, bob, trent, eve } = await dealt()
    expect(await tasksOf(alice)).toEqual(['fifth', 'fourth', 'third', 'second', 'first'])
    expect(await tasksOf(bob)).toEqual(['fourth', 'second', 'first'])
    expect(await tasksOf(eve)).toEqual(['third'])
    expect(await askFor(trent, {})).toMatchObject({ list: [], total: 0, next: null })
  })

  test('tells where each stands, and what its next step signs', async () => {
    const { town, bob, first } = await dealt()
    const { list } = await askFor(bob, { prefix: first.proposal_id })
    const { ts: _ts, ref: _ref, type: _type, ...card } = first
    expect(list).toEqual([
      {
        ...card,
        status: 'accepted',
        until: expect.any(Number),
        updated_at: expect.any(Number),
        position: expect.any(Number),
        link: expect.not.stringMatching(first.link),
      },
    ])
    expect(town.driver.world.proposals.get(first.proposal_id)?.last).toBe(list[0]?.position)
  })

  test('is narrowed by status, role, the beginning of the id, and all of them', async () => {
    const { alice, bob, first } = await dealt()
    expect(await tasksOf(alice, { status: 'accepted' })).toEqual(['fourth', 'first'])
    expect(await tasksOf(alice, { status: 'pending' })).toEqual(['fifth', 'third'])
    expect(await tasksOf(alice, { status: 'withdrawn' })).toEqual(['second'])
    expect(await tasksOf(alice, { role: 'recipient' })).toEqual(['second'])
    expect(await tasksOf(bob, { role: 'proposer' })).toEqual(['second'])
    expect(await tasksOf(bob, { role: 'recipient' })).toEqual(['fourth', 'first'])
    const prefix = first.proposal_id.slice(0, 12)
    expect(await tasksOf(alice, { prefix })).toEqual(['first'])
    expect(await tasksOf(alice, { prefix, role: 'recipient' })).toEqual([])
    expect(await tasksOf(alice, { prefix, status: 'accepted', role: 'proposer' })).toEqual([
      'first',
    ])
  })

  test('of a channel holds its open offers, also those of others, and nothing else', async () => {
    const { alice, eve } = await dealt()
    for (const actor of [alice, eve]) {
      expect(await tasksOf(actor, { channel: '#JOBS' })).toEqual(['fifth'])
      expect(await tasksOf(actor, { channel: '#jobs', status: 'accepted' })).toEqual([])
    }
  })

  test('comes in pages that leave nothing out and bring nothing twice, whatever happens between', async () => {
    const { alice, bob } = await market()
    const deals: State[] = []
    for (let made = 0; made < 10; made++) deals.push(await alice.proposes(bob, `${made}`))
    const tasks: string[] = []
    let before: number | null = null
    do {
      const page: Awaited<ReturnType<typeof askFor>> = await askFor(bob, {
        limit: 3,
        ...(before !== null && { before }),
      })
      expect(page.list.length).toBeLessThanOrEqual(3)
      tasks.push(...page.list.map(({ task }) => task))
      before = page.next
      // A step moves a proposal no further up, and what is new is on no later page.
      const next = deals.find(({ task }) => task === `${tasks.length - 1}`)
      if (next) await bob.step('ACCEPT', next)
      await bob.proposes(alice, `new after ${tasks.length}`)
    } while (before !== null)
    expect(tasks).toEqual(['9', '8', '7', '6', '5', '4', '3', '2', '1', '0'])
    expect(await askFor(alice, { limit: 200 })).toMatchObject({ total: 14, next: null })
    expect(await askFor(alice, { limit: 14 })).toMatchObject({ next: null })
  })

  test('changes nothing', async () => {
    const { town, alice, first } = await dealt()
    const before = town.driver.frozen()
    await askFor(alice, {})
    await alice.asks('GET_PROPOSAL', { proposal_id: first.proposal_id })
    expect(town.driver.frozen()).toBe(before)
  })
})

describe('the chain of a proposal', () => {
  test('holds every step as it was told, the oldest first, also what time did', async () => {
    const place = await market()
    const { town, alice, bob } = place
    const { proposal_id } = await dealAt('claimed', place)
    await town.clock.advance(2 * 86_400_000)
    const told = await dealNews(alice)
    const { chain, proposal } = await bob.asks('GET_PROPOSAL', { proposal_id })
    expect(chain).toEqual(told)
    expect(chain.map(({ type }) => type)).toEqual(['PROPOSAL', 'ACCEPT', 'COMPLETE', 'TIME_UP'])
    const { position } = town.driver.world
    expect(proposal).toMatchObject({ proposal_id, status: 'completed', position })
  })

  test('is there for who took an offer, and no longer for the other members', async () => {
    const { alice, bob, eve, fourth } = await dealt()
    const { proposal_id } = fourth
    for (const actor of [alice, bob]) {
      const { chain } = await actor.asks('GET_PROPOSAL', { proposal_id })
      expect(chain.map(({ type }) => type)).toEqual(['PROPOSAL', 'ACCEPT'])
    }
    await eve.refused('PROPOSAL_NOT_FOUND', 'GET_PROPOSAL', { proposal_id })
  })
})

describe('who has no part in a proposal', () => {
  const stages: readonly ((place: Market) => Promise<State>)[] = [
    (place) => dealAt('pending', place),
    (place) => dealAt('accepted', place),
    (place) => dealAt('claimed', place),
    (place) => dealAt('disputed', place),
    async (place) => place.alice.step('CONFIRM', await dealAt('claimed', place)),
    async (place) => place.bob.step('ACCEPT', await place.alice.proposes('#jobs', 'translate')),
  ]

  test('is refused each step in the same words wherever it stands, and hears nothing of it', async () => {
    const words = new Set<string>()
    for (const stage of stages) {
      const place = await market()
      const mallory = await place.town.keyed('mallory')
      const deal = await stage(place)
      const own = { reason: 'mine', outcome: 'all is mine' }
      const heard: string[] = []
      for (const type of stepTypes) {
        const answer = await mallory.tries(type, mallory.signedStep(type, deal, own) as never)
        heard.push(`${type} ${Reflect.get(answer, 'message')}`)
      }
      words.add(heard.join('\n'))
      const { proposal_id } = deal
      await mallory.refused('PROPOSAL_NOT_FOUND', 'GET_PROPOSAL', { proposal_id })
      expect((await askFor(mallory, { prefix: proposal_id })).total).toBe(0)
      await mallory.asks('RESUME', { after: 0 })
      await mallory.heardNothing('PROPOSAL')
      expect(await dealNews(mallory)).toEqual([])
    }
    expect(words.size).toBe(1)
  })

  test('cannot follow a taken offer from its channel by trying steps', async () => {
    const words = new Set<string>()
    for (const last of ['ACCEPT', 'COMPLETE', 'DISPUTE', 'none'] as const) {
      const { town, alice, bob, eve } = await market()
      let deal = await alice.proposes('#jobs', 'translate', { due_seconds: 60 })
      for (const type of ['ACCEPT', 'COMPLETE', 'DISPUTE'] as const) {
        deal = await bob.step(type, deal, { reason: 'late' })
        if (type === last || last === 'none') break
      }
      if (last === 'none') await town.clock.advance(61_000)
      const tried = stepTypes.map((type) =>
        eve.tries(type, eve.signedStep(type, deal, { reason: 'x', outcome: 'x' }) as never),
      )
      words.add(
        JSON.stringify((await Promise.all(tried)).map((frame) => Reflect.get(frame, 'message'))),
      )
    }
    expect(words.size).toBe(1)
  })
})
