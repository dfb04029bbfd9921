// The tools of deals: to propose one, and to see, answer and end those there are.

import { z } from 'zod'
import type { AgentChat } from '../../client/chat.ts'
import type { Frame } from '../../client/options.ts'
import type { ProposalState } from '../../client/proposals.ts'
import { limits } from '../../protocol/limits.ts'
import { ToolError } from './failing.ts'
import { factsOf, worded } from './said.ts'
import { type Call, type Outcome, tool } from './tool.ts'

const mostListed = 20
const seconds = z.number().int().min(1).max(limits.proposal_seconds).optional()

export const propose = tool({
  name: 'propose',
  description: 'Offer a deal to @agent, or to the first of #channel. Signed; moves no money.',
  input: z.object({
    to: z.string(),
    task: z.string().max(limits.task_characters),
    amount: z.string().optional(),
    currency: z.string().optional(),
    expires_s: seconds,
    due_s: seconds,
  }),
  annotations: { destructiveHint: true },
  async run({ to, expires_s: expiresSeconds, due_s: dueSeconds, ...draft }, { chat, signal }) {
    const options = { ...draft, expiresSeconds, dueSeconds, signal }
    return stateOutcome(await chat.proposals.propose(to, options))
  },
})

const actions = [
  'accept',
  'reject',
  'withdraw',
  'complete',
  'confirm',
  'dispute',
  'settle',
] as const
type Action = (typeof actions)[number]

export const proposals = tool({
  name: 'proposals',
  description:
    'Your deals; one in full by id; or a signed step of it. text: reason, proof or outcome.',
  input: z.object({
    id: z.string().optional(),
    action: z.enum(actions).optional(),
    text: z.string().max(limits.reason_characters).optional(),
  }),
  annotations: { destructiveHint: true },
  async run({ id, action, text }, call) {
    if (id === undefined) return await listed(call)
    if (action === undefined) return await shown(call, id)
    return stateOutcome(await steps[action](call, id, text))
  },
})

type Step = (call: Call, id: string, text: string | undefined) => Promise<ProposalState>

const steps: { readonly [A in Action]: Step } = {
  accept: ({ chat, signal }, id) => chat.proposals.accept(id, { signal }),
  reject: ({ chat, signal }, id, reason) => chat.proposals.reject(id, { reason, signal }),
  withdraw: ({ chat, signal }, id, reason) => chat.proposals.withdraw(id, { reason, signal }),
  complete: ({ chat, signal }, id, proof) => chat.proposals.complete(id, { proof, signal }),
  confirm: ({ chat, signal }, id) => chat.proposals.confirm(id, { signal }),
  dispute: ({ chat, signal }, id, text) =>
    chat.proposals.dispute(id, { reason: needed(text), signal }),
  settle: ({ chat, signal }, id, text) =>
    chat.proposals.settle(id, { outcome: needed(text), signal }),
}

function needed(text: string | undefined): string {
  if (text !== undefined && text !== '') return text
  const message = 'A dispute needs its reason, and a settlement its outcome.'
  throw new ToolError({ code: 'INVALID_INPUT', message, hint: 'Give it as text.' })
}

type Card = Awaited<ReturnType<AgentChat['proposals']['list']>>['list'][number]

async function listed({ chat, signal }: Call): Promise<Outcome> {
  const { list } = await chat.proposals.list({ limit: mostListed, signal })
  const text = list.map((card) => cardText(chat, card)).join('\n') || 'You have no deals.'
  return { text, facts: { proposals: list.map((card) => factsOf(card as unknown as Frame)) } }
}

async function shown({ chat, signal }: Call, id: string): Promise<Outcome> {
  const { frame } = await chat.proposals.get(id, { signal })
  const texts = frame.chain.map((step) => stepText(step as Frame))
  const text = [cardText(chat, frame.proposal), ...texts].join('\n')
  return { text, facts: factsOf(frame.proposal as unknown as Frame) }
}

function stateOutcome(state: ProposalState): Outcome {
  const { proposal_id: id, status, awaiting, repeat } = state
  const waits = awaiting === undefined ? '' : `, awaiting ${awaiting}`
  const text = `Proposal ${id} is ${status}${waits}.${repeat ? ' This was done before.' : ''}`
  return { text, facts: { ...factsOf(state as unknown as Frame), ...(repeat && { repeat }) } }
}

function cardText({ id: me }: AgentChat, card: Card): string {
  const { proposal_id: id, status, from, to, channel, task, amount, currency } = card
  const parties = `${from === me ? 'you' : from} to ${to === me ? 'you' : (to ?? channel ?? 'nobody')}`
  const price = amount === null ? '' : `${worded('price', `${amount} ${currency ?? ''}`.trim())}\n`
  return `${id} ${status}, ${parties}\n${price}${worded('task', task)}`
}

/** The words that steps of a deal carry. */
const wordings = [
  'task',
  'terms',
  'payment_code',
  'reason',
  'proof',
  'outcome',
  'reference',
] as const

function stepText(step: Frame): string {
  const said = wordings.flatMap((field) => {
    const value = step[field]
    if (value === undefined || value === null) return []
    return worded(field, typeof value === 'string' ? value : JSON.stringify(value))
  })
  const by = typeof step.by === 'string' ? step.by : step.from
  return [`${step.type} by ${by}`, ...said].join('\n')
}
