// One step of a proposal as a command: it is taken, where the proposal stands is printed, and the answer waited for.

import type { AgentChat } from '../client/chat.ts'
import { substituted } from '../client/proposal-reading.ts'
import { actorOf, isNews, type NewsType, type ProposalNews } from '../doors/proposal-news.ts'
import type { Heard } from '../protocol/frames.ts'
import { type Run, value } from './command.ts'
import { throwEnding, withChat } from './connect.ts'
import { Failure } from './failure.ts'
import { hearNews } from './proposal-news.ts'
import { newsText, shortId, stateText } from './proposal-texts.ts'
import { within } from './signals.ts'
import { parseDuration } from './values.ts'

type State = Heard<'PROPOSAL_STATE'>

const defaultWaitMs = 120_000

/** How long to wait for what comes next. */
export const wait = value('[DUR]', 'wait for what comes next, and print it (2m)', (text) =>
  text === 'true' ? defaultWaitMs : parseDuration(text),
)

interface Step {
  readonly type: NewsType
  /** Undefined for not at all. */
  readonly waitMs: number | undefined
  readonly take: (chat: AgentChat) => Promise<State>
}

/** Takes a step. @throws Failure when what came next was waited for, and did not come in time */
export async function takeStep(run: Run, { type, waitMs, take }: Step): Promise<void> {
  const { output, signal } = run
  const errand = { keyFor: 'A proposal', isSigned: true, stays: waitMs !== undefined }
  await withChat(run, errand, async (chat) => {
    const end = within(signal, waitMs)
    const news = waitMs === undefined ? undefined : hearNews(chat, end)
    const state = await take(chat)
    output.print(state, stateText(state, chat.id))
    if (news === undefined) return
    const next =
      (await answerBefore(chat, { state, type, signal })) ??
      (await checked(chat, await answerIn(news, state, chat.id), signal))
    if (next !== undefined) {
      output.print(next, newsText(next, chat.id))
      return
    }
    signal.throwIfAborted()
    if (!end.aborted) await throwEnding(chat, signal)
    throw unanswered(state)
  })
}

/** What came after a step that was taken before: it was told then. */
async function answerBefore(
  chat: AgentChat,
  { state, type, signal }: { state: State; type: NewsType; signal: AbortSignal },
): Promise<ProposalNews | undefined> {
  if (!state.repeat) return undefined
  const { frame } = await chat.proposals.get(state.proposal_id, { signal })
  const news = frame.chain.filter(isNews)
  const own = news.findLastIndex((one) => one.type === type && actorOf(one) === chat.id)
  return news.slice(own + 1).find((one) => isAnswer(one, chat.id))
}

async function answerIn(
  news: AsyncIterable<ProposalNews>,
  { proposal_id, position, repeat }: State,
  me: string,
): Promise<ProposalNews | undefined> {
  for await (const one of news) {
    const isLater = repeat || one.position > position
    if (one.proposal_id === proposal_id && isLater && isAnswer(one, me)) return one
  }
  return undefined
}

/**
 * What was heard, as the checked chain tells it: what is heard is only the server's word, also of why.
 *
 * @throws IdentityError `substituted` when there is no such step
 */
async function checked(
  chat: AgentChat,
  heard: ProposalNews | undefined,
  signal: AbortSignal,
): Promise<ProposalNews | undefined> {
  if (heard === undefined) return undefined
  const { proposal_id: id, position, type } = heard
  const { frame } = await chat.proposals.get(id, { signal })
  const step = frame.chain.filter(isNews).find((one) => one.position === position)
  if (step?.type === type && isAnswer(step, chat.id)) return step
  throw substituted(id, `Nobody has signed the ${type} that it tells of.`)
}

/** A step of somebody else, of time, or one that leaves nothing to wait for. */
function isAnswer(news: ProposalNews, me: string): boolean {
  if (news.type === 'OFFER_CLOSED') return false // the step that closed it is told too
  return news.type === 'WITHDRAW' || actorOf(news) !== me
}

function unanswered({ proposal_id }: State): Failure {
  return new Failure({
    code: 'NO_ANSWER',
    message: `Nothing more came of proposal ${shortId(proposal_id)} in time.`,
    hint: `It stands; see what became of it: agentchat proposals show ${proposal_id}`,
    exit: 'nothing',
  })
}
