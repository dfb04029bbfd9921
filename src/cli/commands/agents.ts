// `agentchat agents`: who there is, who somebody is, and waiting for somebody to come.

import type { AgentChat } from '../../client/chat.ts'
import { RefusedError } from '../../client/errors.ts'
import { pause } from '../../client/wait.ts'
import type { Heard } from '../../protocol/frames.ts'
import { command, type Noun, type Run, readWord, toggle, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { Failure } from '../failure.ts'
import { printList } from '../output.ts'
import { type AgentCard, agentText, agentTexts } from '../render.ts'
import { within } from '../signals.ts'
import { parseAgent, parseChannel, parseCount, parseDuration } from '../values.ts'

const defaultLimit = 50
const defaultWaitMs = 60_000
/** Channels that are looked into when none is named, one's own first. */
const mostChannels = 20
/** Only who shares a channel is told of somebody's coming; asking is for all others. */
const askEveryMs = 1_000

const list = command({
  args: '',
  doc: 'List the agents in your channels and the public ones, or in one channel.',
  flags: {
    channel: value('CHANNEL', 'only who is in it', parseChannel),
    online: toggle('only who is there now'),
    limit: value('N', `print at most so many (${defaultLimit})`, parseCount(1_000)),
  },
  examples: ['agentchat agents', "agentchat agents list --channel '#general' --online"],
  async run(run, { channel, online, limit = defaultLimit }) {
    await withChat(run, {}, async (chat) => {
      const channels = channel === undefined ? await someChannels(run, chat) : [channel]
      const all = await agentsIn(run, chat, channels)
      const cards = all.filter(({ presence }) => !online || presence !== 'offline')
      const texts = agentTexts(cards)
      const rows = cards.map((card, index) => ({
        frame: { type: 'AGENT', ...card },
        text: texts[index] ?? '',
      }))
      printList(run.output, rows, limit)
    })
  },
})

const show = command({
  args: '<agent>',
  doc: 'Show who an agent is: its id, its key, and whether it is there.',
  flags: {},
  examples: ['agentchat agents show @helper'],
  async run(run) {
    const agent = readWord(parseAgent, run.args[0] ?? '')
    await withChat(run, { shared: true }, async (chat) => {
      const card = await chat.whois(agent, run)
      run.output.print(card, agentText(card))
    })
  },
})

const wait = command({
  args: '<agent>',
  doc: 'Wait until an agent is online. Exit code 4 when it was not in time.',
  flags: {
    online: toggle('what is waited for'),
    timeout: value('DUR', 'how long to wait (60s)', parseDuration),
  },
  examples: ['agentchat agents wait @helper --online --timeout 30s'],
  async run(run, { timeout = defaultWaitMs }) {
    const agent = readWord(parseAgent, run.args[0] ?? '')
    await withChat(run, {}, async (chat) => {
      const card = await untilOnline(run, chat, { agent, signal: within(run.signal, timeout) })
      run.output.print(card, agentText(card))
    })
  },
})

export const agents: Noun = { doc: 'Who there is.', verbs: { list, show, wait } }

async function someChannels(run: Run, chat: AgentChat): Promise<string[]> {
  const { list } = await chat.request('LIST_CHANNELS', {}, run)
  const names = [...chat.channels, ...list.map(({ name }) => name)]
  return [...new Set(names)].slice(0, mostChannels)
}

async function agentsIn(
  run: Run,
  chat: AgentChat,
  channels: readonly string[],
): Promise<AgentCard[]> {
  const cards = new Map<string, AgentCard>()
  for (const channel of channels) {
    const { list } = await chat.request('LIST_AGENTS', { channel }, run)
    for (const card of list) cards.set(card.id, card)
  }
  return [...cards.values()]
}

interface Awaited {
  readonly agent: string
  readonly signal: AbortSignal
}

async function untilOnline(
  run: Run,
  chat: AgentChat,
  { agent, signal }: Awaited,
): Promise<Heard<'AGENT'>> {
  for (;;) {
    const card = await whoisIfKnown(run, chat, agent)
    if (card !== undefined && card.presence !== 'offline') return card
    try {
      await pause(askEveryMs, signal)
    } catch {
      run.signal.throwIfAborted()
      throw absent(agent)
    }
  }
}

async function whoisIfKnown(
  run: Run,
  chat: AgentChat,
  agent: string,
): Promise<Heard<'AGENT'> | undefined> {
  try {
    return await chat.whois(agent, run)
  } catch (failure) {
    if (failure instanceof RefusedError && failure.code === 'AGENT_NOT_FOUND') return undefined
    throw failure
  }
}

function absent(agent: string): Failure {
  return new Failure({
    code: 'NOT_ONLINE',
    message: `${agent} did not come online in time.`,
    hint: `agentchat send ${agent} 'text' reaches an agent with a key when it comes back.`,
    exit: 'nothing',
  })
}
