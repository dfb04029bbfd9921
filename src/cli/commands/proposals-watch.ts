// `agentchat proposals --watch`: what happens to proposals, as it happens.

import type { ProposalNews } from '../../doors/proposal-news.ts'
import { foldChannel } from '../../protocol/names.ts'
import type { Run } from '../command.ts'
import { throwEnding, withChat } from '../connect.ts'
import { Deadline } from '../deadline.ts'
import { hearNews } from '../proposal-news.ts'
import { newsText } from '../proposal-texts.ts'
import { endStream } from '../stream-end.ts'

const timeoutElsewhereMs = 60_000

interface Wishes {
  readonly status?: string | undefined
  readonly role?: 'proposer' | 'recipient' | 'escrow' | undefined
  readonly channel?: string | undefined
}

interface Bounds {
  /** A position; undefined for now. */
  readonly since?: number | undefined
  readonly count?: number | undefined
  readonly timeout?: number | undefined
}

/** Prints news of proposals within bounds. Exit code 4 when none came. */
export async function watch(run: Run, wanted: Wishes & Bounds): Promise<void> {
  const { output, signal } = run
  const errand = { keyFor: 'A proposal', stays: true, resume: wanted.since }
  await withChat(run, errand, async (chat) => {
    const timeoutMs = wanted.timeout ?? (process.stdout.isTTY ? undefined : timeoutElsewhereMs)
    const deadline = new Deadline({ timeoutMs, idleMs: undefined, signal })
    const tally = { count: 0, next: wanted.since ?? chat.position }
    const news = hearNews(chat, deadline.signal)
    output.detail(`Watching as @${chat.name}.`)
    for await (const one of news) {
      tally.next = Math.max(tally.next, one.position)
      if (!isWanted(one, { ...wanted, me: chat.id })) continue
      output.print(one, newsText(one, chat.id))
      tally.count += 1
      if (tally.count === wanted.count) break
    }
    deadline.stop()
    const isEnough = tally.count === wanted.count
    if (!isEnough && deadline.reason === undefined) await throwEnding(chat, signal)
    endStream(run, tally, isEnough ? 'count' : (deadline.reason ?? 'timeout'))
  })
}

function isWanted(
  news: ProposalNews,
  { status, role, channel, me }: Wishes & { readonly me: string },
): boolean {
  if (status !== undefined && news.status !== status) return false
  if (channel !== undefined && foldChannel(placeOf(news)) !== foldChannel(channel)) return false
  if (role === undefined) return true
  if (news.type === 'OFFER_CLOSED') return false
  if (role === 'escrow') return news.from !== me && news.to !== me
  return role === 'proposer' ? news.from === me : news.to === me
}

/** The channel of an open offer, or else who it is made to. */
function placeOf(news: ProposalNews): string {
  return news.type === 'OFFER_CLOSED' ? news.channel : (news.to ?? '')
}
