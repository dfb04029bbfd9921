// Finding deals with the real binary: lists, shortened ids, open offers, older spellings, and what is unread.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AgentChat } from '../../src/client/chat.ts'
import { loadIdentity } from '../../src/client/files.ts'
import { alike } from './alike.ts'
import { Town } from './town.ts'

const town = new Town()
beforeAll(() => town.open())
afterAll(() => town.close())

describe('lists', () => {
  it('hold one’s own, by status and role, page by page', async () => {
    const ids = [await town.proposed(), await town.proposed(), await town.proposed()]
    const all = await town.as(
      'bob',
      'list',
      '--role',
      'recipient',
      '--status',
      'pending',
      '--limit',
      '2',
    )
    expect(all.lines.slice(0, -1)).toMatchObject([
      { type: 'PROPOSAL_STATE', proposal_id: ids[2] },
      { type: 'PROPOSAL_STATE', proposal_id: ids[1] },
    ])
    expect(all.last).toMatchObject({ type: 'END', count: 2, truncated: true })
    expect(all.last.left).toBeGreaterThan(0)
    const rest = await town.as('bob', '--state', 'pending', '--before', String(all.last.next))
    expect(rest.lines[0]).toMatchObject({ proposal_id: ids[0] })
    expect(rest.last).toMatchObject({ next: null, left: 0, truncated: false })
    const none = await town.as('bob', 'list', '--role', 'proposer')
    expect(none.lines).toMatchObject([{ type: 'END', count: 0, next: null }])

    const { stdout } = await town.inText('alice', '--limit', '1')
    expect(stdout).toMatch(
      new RegExp(
        `^${ids[2]?.slice(0, 8)}  pending  you to @\\w{16}  translate the page +until .+\n$`,
      ),
    )
    for (const id of ids) await town.as('alice', 'withdraw', id)
  })

  it('take the beginning of an id for the only one that begins so', async () => {
    const [one, other] = await alike(town)
    const beginning = one.slice(0, 6)
    const { code, last } = await town.as('bob', 'reject', beginning)
    expect({ code, last }).toMatchObject({ code: 2, last: { code: 'AMBIGUOUS_ID', exit: 2 } })
    expect(last.hint).toContain(one)
    expect(last.hint).toContain(other)
    let length = 7
    while (other.startsWith(one.slice(0, length))) length += 1
    const rejected = await town.as('bob', 'reject', one.slice(0, length))
    expect(rejected.last).toMatchObject({ proposal_id: one, status: 'rejected' })
  })
})

describe('an open offer', () => {
  it('is never mistaken for a proposal whose id begins alike', async () => {
    const [one, other] = await alike(town, ['@bob', '#jobs'])
    const { code, last } = await town.as('bob', 'accept', one.slice(0, 6))
    expect({ code, last }).toMatchObject({ code: 2, last: { code: 'AMBIGUOUS_ID' } })
    expect(last.hint).toContain(other)
    for (const id of [one, other]) await town.as('alice', 'withdraw', id)
  })

  it('is taken by the first, by a beginning of its id', async () => {
    const { last } = await town.as('alice', 'new', '#JOBS', 'review my patch')
    const id = String(last.proposal_id)
    expect(last).toMatchObject({ channel: '#jobs', to: null })
    const { lines } = await town.as('bob', '--channel', '#jobs')
    expect(lines[0]).toMatchObject({ proposal_id: id, status: 'pending' })
    expect((await town.inText('bob', '--channel', 'jobs')).stdout).toMatch(/ to #jobs {2}review/)
    expect((await town.as('carol', 'accept', id)).last.code).toBe('PROPOSAL_NOT_FOUND')
    expect((await town.as('bob', 'show', id.slice(0, 8))).code).toBe(0)
    const taken = await town.as('bob', 'accept', id.slice(0, 8), '--channel', '#jobs')
    expect(taken.last).toMatchObject({ proposal_id: id, status: 'accepted' })

    const second = String((await town.as('alice', 'new', '#jobs', 'another')).last.proposal_id)
    expect((await town.as('bob', 'accept', second.slice(0, 8))).last.status).toBe('accepted')
  })
})

describe('older ways to say it', () => {
  it('take the server in first place, and flat names', async () => {
    const old = (...args: string[]) => town.home.run(args)
    const { url } = town
    const offer = ['@bob', 'old ways', '--amount', '1', '--payment-code', 'x:y', '-i', 'alice']
    const { last } = await old('propose', url, ...offer)
    const id = String(last.proposal_id)
    expect(last).toMatchObject({ type: 'PROPOSAL_STATE', amount: '1' })
    const accepted = await old('accept', url, id, 'x:z', '-i', 'bob')
    expect(accepted.last.status).toBe('accepted')
    expect((await old('complete', url, id, 'see', 'there', '-i', 'bob')).code).toBe(0)
    expect((await old('confirm', url, id, '-i', 'alice')).last.status).toBe('completed')
    const listed = await old('proposals', 'list', url, '--limit', '1', '-i', 'bob')
    expect(listed.lines[0]).toMatchObject({ proposal_id: id })
    expect((await old('proposals', url, '--limit', '1', '-i', 'bob')).lines).toEqual(listed.lines)

    const second = String((await old(url, 'propose', ...offer)).last.proposal_id)
    await old('reject', url, second, 'no', '-i', 'bob')
    const third = String((await old(url, 'propose', ...offer)).last.proposal_id)
    await old('withdraw', url, third, '-i', 'alice')
    const fourth = String((await old(url, 'propose', ...offer)).last.proposal_id)
    await old('accept', url, fourth, '-i', 'bob')
    await old('dispute', url, fourth, 'why', '-i', 'bob')
    await old('settle', url, fourth, 'so', '-i', 'bob')
    const { stdout } = await old('receipts', url, id, '-i', 'alice')
    expect(stdout).toMatch(/"CONFIRM"/)
    const ends = await old('proposals', 'list', url, '-i', 'bob', '--limit', '3')
    expect(ends.lines.slice(0, 3).map(({ status }) => status)).toEqual([
      'disputed',
      'withdrawn',
      'rejected',
    ])
  })
})

describe('unread', () => {
  it('tells messages, then news of proposals, and moves past both', async () => {
    for (const name of ['alice', 'bob']) await town.run(['unread', '--ack', '-i', name])
    const id = await town.proposed()
    await town.run(['send', '@bob', 'a word', '-i', 'alice'])
    await town.as('alice', 'withdraw', id)
    const first = await town.run(['unread', '-i', 'bob'])
    expect(first.lines).toMatchObject([
      { type: 'MSG', content: 'a word' },
      { type: 'PROPOSAL', proposal_id: id },
      { type: 'WITHDRAW', proposal_id: id },
      { type: 'END', count: 3, left: 0, truncated: false },
    ])
    const text = await town.run(['unread', '--text', '-i', 'bob'])
    expect(text.stdout).toMatch(
      /a word\n\S+ \w{8} @\w{16} proposed: translate the page\n.+ withdrew\n$/,
    )

    const part = await town.run(['unread', '--limit', '2', '--ack', '-i', 'bob'])
    expect(part.lines.map(({ type }) => type)).toEqual(['MSG', 'PROPOSAL', 'END'])
    expect(part.last).toMatchObject({ count: 2, left: 1, truncated: true })
    const rest = await town.run(['unread', '--ack', '-i', 'bob'])
    expect(rest.lines.map(({ type }) => type)).toEqual(['WITHDRAW', 'END'])
    expect((await town.run(['unread', '-i', 'bob'])).last).toMatchObject({ count: 0, left: 0 })
    // Who did it all knows it.
    expect((await town.run(['unread', '-i', 'alice'])).lines).toMatchObject([
      { type: 'END', count: 0 },
    ])
  })

  it('leaves listening by time, and replies, as they were', async () => {
    const before = new Date().toISOString()
    const id = await town.proposed()
    const { last } = await town.run(['send', '@bob', 'findable', '-i', 'alice'])
    await town.as('alice', 'withdraw', id)
    const since = ['listen', '--since', before, '--once', '--timeout', '5s', '-i', 'bob']
    const heard = await town.run(since)
    expect(heard.lines).toMatchObject([{ type: 'MSG', content: 'findable' }, { type: 'END' }])
    const beforeNews = String(Number(last.position) - 2)
    const again = await town.run(['listen', '--since', beforeNews, '--idle', '1s', '-i', 'bob'])
    expect(again.lines).toMatchObject([{ content: 'findable' }, { type: 'END', count: 1 }])
    expect((await town.run(['reply', String(last.msg_id), 'found', '-i', 'bob'])).code).toBe(0)
    expect(
      (await town.run(['reply', `m${Number(last.position) - 1}`, 'x', '-i', 'bob'])).last,
    ).toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  })
})

describe('many deals', () => {
  it('are listed within bounds, and none is left out or told twice', async () => {
    const identity = await loadIdentity(join(town.home.state, 'identities', 'carol.json'))
    const chat = await AgentChat.connect({ server: town.url, identity })
    const { id: bob } = await chat.whois('@bob')
    const task = '\u00fc'.repeat(200)
    const all: string[] = []
    for (let round = 0; round < 10; round++) {
      const made = Array.from({ length: 10 }, () => chat.proposals.propose(bob, { task }))
      const ids = (await Promise.all(made)).map(({ proposal_id }) => proposal_id)
      all.push(...ids)
      if (round === 9) break
      await Promise.all(ids.map((id) => chat.proposals.withdraw(id)))
    }
    const oneMore = await town.as('carol', 'new', '@bob', 'one more')
    expect(oneMore.last).toMatchObject({ code: 'LIMIT_REACHED', hint: 'agentchat proposals' })

    const page = await town.as('carol', '--limit', '200')
    expect(page.stdout.length).toBeLessThan(70_000)
    expect(page.last).toMatchObject({ truncated: true, left: 100 - Number(page.last.count) })
    const rest = await town.as('carol', '--limit', '200', '--before', String(page.last.next))
    expect(rest.last).toMatchObject({ truncated: false, left: 0, next: null })
    const listed = [...page.lines, ...rest.lines].flatMap(({ proposal_id: id }) => id ?? [])
    expect(listed.toSorted()).toEqual(all.toSorted())
    await chat.close()
  })
})
