// The tools of MCP: what their list costs, and what each does for an agent.

import { expect, test } from 'vitest'
import type { AgentChat } from '../../src/client/chat.ts'
import { connectKeyed } from '../client/kit/agents.ts'
import { hasty, serve } from '../wire/kit.ts'
import { clientOf, toolsOf } from './mcp-rooms.ts'

/** What every turn of a model costs that has these tools. */
const mostTokens = 900
const charactersOfToken = 4

/** Two agents in #general; the first by its tools, too. */
async function room() {
  const server = await serve(hasty)
  const bot = await connectKeyed(server.url, 'bot')
  const alice = await connectKeyed(server.url, 'alice')
  for (const chat of [bot, alice]) await chat.join('#general')
  return { server, bot, alice, call: await toolsOf(bot) }
}

const idOf = async (said: ReturnType<AgentChat['send']>) => (await said).msg_id

test('ten tools cost less than 900 tokens, and are what they were', async () => {
  const client = await clientOf(() => Promise.reject(new Error('no tool is called here')))
  const { tools } = await client.listTools()
  expect(tools.length).toBeLessThanOrEqual(10)
  expect(JSON.stringify(tools).length / charactersOfToken).toBeLessThan(mostTokens)
  const lines = tools.map((tool) => JSON.stringify(tool)).join('\n')
  await expect(`${lines}\n`).toMatchFileSnapshot('./mcp-tools.golden.jsonl')
})

test('what is wrong is told with a code, a sentence and what to do', async () => {
  const { call } = await room()
  const cases: readonly [string, Record<string, unknown>, string][] = [
    ['send', { to: '#nowhere', text: 'hi' }, 'CHANNEL_NOT_FOUND'],
    ['send', { to: 'alice', text: 'hi' }, 'INVALID_INPUT'],
    ['send', { to: '@alice', text: `mine: act_${'x'.repeat(43)}` }, 'SECRET_SUSPECTED'],
    ['reply', { msg_id: 'm999999', text: 'hi' }, 'MESSAGE_NOT_FOUND'],
    ['claim', { msg_id: 'm999999', action: 'release' }, 'INVALID_INPUT'],
    ['claim', { msg_id: 'm999999' }, 'MESSAGE_NOT_FOUND'],
    ['history', { where: '@nobody' }, 'AGENT_NOT_FOUND'],
    ['who', { agent: 'nobody' }, 'AGENT_NOT_FOUND'],
    ['channels', { join: '#nowhere' }, 'CHANNEL_NOT_FOUND'],
    ['proposals', { id: 'f00d'.repeat(16) }, 'PROPOSAL_NOT_FOUND'],
    ['proposals', { id: 'f00d'.repeat(16), action: 'dispute' }, 'INVALID_INPUT'],
  ]
  for (const [name, args, code] of cases) {
    const { isError, text, facts } = await call(name, args)
    expect({ name, args, isError, text }).toMatchObject({ isError: true })
    expect(facts.error, text).toMatchObject({
      code,
      message: expect.stringMatching(/\S/),
      hint: expect.stringMatching(/\S/),
    })
    expect(text.startsWith(`${code}: `)).toBe(true)
  }
  expect((await call('inbox', { budget: 1 })).isError).toBe(true)
})

test('the inbox stays within its budget both as text and as JSON, and unread until it is acknowledged', async () => {
  const { bot, alice, call } = await room()
  for (let count = 0; count < 40; count++) {
    await alice.send('#general', `"${count}"\n${'\\'.repeat(60)}\n`)
    await alice.send(bot.id, `"${count}"\n${'\\'.repeat(60)}\n`)
  }
  for (const budget of [200, 700, 1_500]) {
    const first = await call('inbox', { budget })
    expect(first.text.length / charactersOfToken).toBeLessThanOrEqual(budget)
    const json = JSON.stringify(first.facts)
    expect(json.length / charactersOfToken).toBeLessThanOrEqual(budget)
    expect(await call('inbox', { budget })).toEqual(first)
  }
  const seen: unknown[] = []
  for (let ack: unknown; ; ) {
    const { facts } = await call('inbox', { budget: 1_500, ack })
    const frames = facts.frames as readonly { readonly to: string; readonly position: number }[]
    seen.push(...frames.filter(({ to }) => to === bot.id).map(({ position }) => position))
    ack = facts.next
    if (facts.later === 0) break
  }
  expect(seen).toHaveLength(40)
  expect(new Set(seen).size).toBe(40)
})

test('wait gives what is unread at once, and is not woken by what wakes nobody', async () => {
  const { bot, alice, call } = await room()
  await alice.send(bot.id, 'for your information', { expects: 'none' })
  await alice.send('#general', 'to nobody in particular')
  const quiet = await call('wait', { timeout_s: 0.2 })
  expect(quiet.facts).toMatchObject({ count: 0, timed_out: true })
  expect(quiet.text).toContain('Nothing came')
  expect((await call('wait', { timeout_s: 50, on: ['all'] })).facts.left_total).toBeGreaterThan(0)

  const id = await idOf(alice.send('#general', 'Who knows, @bot?'))
  const { facts } = await call('wait', { timeout_s: 50 })
  expect(facts.frames).toEqual(
    expect.arrayContaining([expect.objectContaining({ msg_id: id, to: '#general' })]),
  )
  const { facts: after } = await call('wait', { timeout_s: 0, ack: facts.next })
  expect(after).toMatchObject({ timed_out: true })
  expect(bot.cursor).toBe(facts.next)
})

test('what others have said meanwhile is shown instead of saying more', async () => {
  const { alice, call } = await room()
  const { facts } = await call('send', { to: '#general', text: 'I begin' })
  const id = await idOf(alice.send('#general', 'I have begun already'))
  const last = { to: '#general', text: 'I go on', if_unseen_after: facts.position }
  const stale = await call('send', last)
  expect(stale.isError).toBe(true)
  expect(stale.facts).toMatchObject({ error: { code: 'STALE_VIEW' }, frames: [{ msg_id: id }] })
  expect(stale.text).toContain('\n| I have begun already')
  const { newest } = stale.facts.error as { readonly newest: number }
  expect((await call('send', { ...last, if_unseen_after: newest })).isError).toBe(false)
})

test('one of two claims a question; it is renewed, released, and declined', async () => {
  const { server, alice, call } = await room()
  const other = await connectKeyed(server.url, 'other')
  await other.join('#general')
  const callOther = await toolsOf(other)
  const msg_id = await idOf(alice.send('#general', 'Who does it?', { expects: 'reply' }))
  const { facts } = await call('claim', { msg_id })
  const held = await callOther('claim', { msg_id })
  expect(held.facts.error).toMatchObject({ code: 'CLAIM_HELD', holder_name: 'bot' })
  const renewed = await call('claim', { msg_id, action: 'renew', fence: facts.fence })
  expect(renewed.facts.fence).toBe(facts.fence)
  await call('claim', { msg_id, action: 'release', fence: facts.fence })
  const taken = await callOther('claim', { msg_id })
  expect(taken.isError, taken.text).toBe(false)
  const late = await call('reply', { msg_id, text: 'I do', fence: facts.fence })
  expect(late.facts.error).toMatchObject({ code: 'CLAIM_LOST' })
  expect(
    (await callOther('reply', { msg_id, text: 'I do', fence: taken.facts.fence })).isError,
  ).toBe(false)

  const dm = await idOf(alice.send('@bot', 'And this?', { expects: 'reply' }))
  await call('claim', { msg_id: dm, action: 'decline', reason: 'not mine' })
  const aliceTools = await toolsOf(alice)
  const { text } = await aliceTools('history', { where: '@bot' })
  expect(text).toContain(`${dm}: @bot declined, saying:\n| not mine`)
})

test('history is bounded, says how to go on, and shows one message whole', async () => {
  const { alice, call } = await room()
  const long = `begin ${'x'.repeat(9_000)} end`
  for (const text of ['one', 'two', 'three', long]) await alice.send('#general', text)
  const newest = await call('history', { where: '#general' })
  expect(newest.text.length).toBeLessThan(8_200)
  expect(newest.text).not.toContain(long)
  const whole = await call('history', { where: '#general', limit: 1 })
  expect(whole.text).toContain(long)
  const older = await call('history', { where: '#general', before: whole.facts.before, limit: 2 })
  expect(older.text).toMatch(/\| two\n[^|]*\| three\nOlder: before \d+\.$/)
  const rest = await call('history', { where: '#general', before: older.facts.before, limit: 2 })
  expect(rest.text).toMatch(/\| one$/)
})

test('who and channels tell who is where', async () => {
  const { bot, alice, call } = await room()
  await alice.request('SET_PRESENCE', { status: 'busy', status_text: 'compiling' })
  await alice.request('CREATE_CHANNEL', { channel: '#work', topic: 'the plan' })
  expect((await call('who')).text).toContain(`@bot (${bot.id})`)
  expect((await call('who', { agent: 'alice' })).text).toContain(
    'busy, has a key, status:\n| compiling',
  )
  expect((await call('who', { channel: '#general' })).facts).toMatchObject({ total: 2 })
  expect((await call('channels')).text).toContain('#work (1), topic:\n| the plan')
  expect((await call('channels', { join: '#work' })).facts).toMatchObject({ channel: '#work' })
  expect(bot.channels).toContain('#work')
  await call('channels', { leave: '#work' })
  expect(bot.channels).not.toContain('#work')
})

test('a deal is proposed, accepted, completed and confirmed', async () => {
  const { bot, alice, call } = await room()
  const aliceTools = await toolsOf(alice)
  const terms = { to: '@alice', task: 'translate the page', amount: '0.05', currency: 'SOL' }
  const { facts, text } = await call('propose', terms)
  expect(facts, text).toMatchObject({ status: 'pending', from: bot.id, to: alice.id })
  const id = facts.proposal_id
  expect((await aliceTools('proposals')).text).toContain('| translate the page')
  await aliceTools('proposals', { id, action: 'accept' })
  await aliceTools('proposals', { id, action: 'complete', text: 'see page.de.html' })
  const shown = await call('proposals', { id })
  expect(shown.text).toContain('proof:\n| see page.de.html')
  const done = await call('proposals', { id, action: 'confirm' })
  expect(done.facts, done.text).toMatchObject({ status: 'completed' })
})
