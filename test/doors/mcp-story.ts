// The story that each client of MCP tells, whichever way it is connected: woken, read, answered, and the asker sees it.

import { expect } from 'vitest'
import type { AgentChat } from '../../src/client/chat.ts'
import type { Caller, Given } from './mcp-kit.ts'

const toolNames = [
  'inbox',
  'wait',
  'send',
  'reply',
  'claim',
  'history',
  'who',
  'channels',
  'propose',
  'proposals',
]

/** Calls the tool `wait`. @returns once it waits: what it will give, later */
export async function waits(caller: Caller, args: object = {}): Promise<{ given: Promise<Given> }> {
  let begun = () => {}
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  const given = caller.call('wait', { timeout_s: 50, ...args }, () => begun())
  await hasBegun
  return { given }
}

/** The rungs of a message's ladder as they are told to who sent it. */
function ladderOf(asker: AgentChat) {
  const steps: { readonly id: string; readonly state: string }[] = []
  const watchers = new Set<() => void>()
  asker.on('RECEIPT', ({ messages, state }) => {
    for (const id of messages) steps.push({ id, state })
    for (const look of watchers) look()
  })
  const told = (wanted: string) => steps.flatMap(({ id, state }) => (id === wanted ? state : []))
  const reaches = (id: string, state: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (told(id).includes(state)) resolve()
      }
      watchers.add(look)
      look()
    })
  return { told, reaches }
}

/** A question is asked while the tool `wait` waits; its answer is heard, and each rung of its ladder. */
export async function answersAQuestion(caller: Caller, asker: AgentChat): Promise<void> {
  expect(await caller.listTools()).toEqual(toolNames)
  const { facts: self } = await caller.call('who')
  const me = String(self.id)

  const { given } = await waits(caller)
  const ladder = ladderOf(asker)
  const { msg_id: id, recipients } = await asker.send(me, 'Which port?', { expects: 'reply' })
  const { text, facts, isError } = await given
  expect(isError, text).toBe(false)
  expect(facts.frames).toMatchObject([{ msg_id: id, from: asker.id, expects: 'reply' }])
  expect(text).toContain('\n| Which port?\n')
  await caller.call('inbox', { ack: facts.next })
  await ladder.reaches(id, 'read')

  const heard = asker.once('MSG', { where: ({ from }) => from === me })
  const reply = await caller.call('reply', { msg_id: id, text: '6667' })
  expect(reply.isError, reply.text).toBe(false)
  expect(await heard).toMatchObject({ content: '6667', in_reply_to: id, to: asker.id })
  await ladder.reaches(id, 'answered')
  // That it is stored is what SENT says; and if it could be delivered at once, that too.
  const atOnce = recipients.some(({ delivered }) => delivered) ? ['delivered'] : []
  expect([...atOnce, ...ladder.told(id)]).toEqual(['delivered', 'read', 'answered'])
  const { list } = await asker.request('LADDER', { msg_id: id })
  expect(list).toMatchObject([
    { msg_id: id, agents: [{ id: me, state: 'answered', answer: reply.facts.msg_id }] },
  ])

  // What was acknowledged wakes no more.
  const again = await caller.call('wait', { timeout_s: 0 })
  expect(again.facts).toMatchObject({ count: 0, timed_out: true })
}
