// `agentchat channels`: finding, making, entering and leaving channels, and asking others in.

import type { AgentChat } from '../../client/chat.ts'
import { foldChannel } from '../../protocol/names.ts'
import { command, type Noun, readWord, toggle, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { Failure } from '../failure.ts'
import { printList, type Row } from '../output.ts'
import { agentTexts, type ChannelCard, channelTexts } from '../render.ts'
import { parseAgent, parseChannel, parseCount, parseText } from '../values.ts'

const defaultLimit = 50
const limit = value('N', `print at most so many (${defaultLimit})`, parseCount(1_000))

const list = command({
  args: '',
  doc: 'List the public channels, and the private ones that you are in.',
  flags: { joined: toggle('only those that you are in'), limit },
  examples: ['agentchat channels', 'agentchat channels list --joined'],
  async run(run, { joined, limit = defaultLimit }) {
    await withChat(run, { shared: true }, async (chat) => {
      const { list } = await chat.request('LIST_CHANNELS', {}, run)
      const rows = channelRows(joined ? list.filter((card) => card.joined) : list)
      printList(run.output, rows, limit)
    })
  },
})

const show = command({
  args: '<channel>',
  doc: 'Show one channel.',
  flags: {},
  examples: ["agentchat channels show '#general'"],
  async run(run) {
    const name = readWord(parseChannel, run.args[0] ?? '')
    await withChat(run, { shared: true }, async (chat) => {
      const { list } = await chat.request('LIST_CHANNELS', {}, run)
      const found = list.filter((card) => foldChannel(card.name) === foldChannel(name))
      const [row] = channelRows(found)
      if (row === undefined) throw noChannel(name)
      run.output.print(row.frame, row.text)
    })
  },
})

const create = command({
  args: '<channel>',
  doc: 'Make a channel; you are its operator and first member.',
  flags: {
    private: toggle('only who is invited may enter'),
    topic: value('TEXT', 'what it is about', parseText),
  },
  examples: ["agentchat channels create '#plans' --private --topic 'what to do next'"],
  async run(run, { private: isPrivate, topic }) {
    const channel = readWord(parseChannel, run.args[0] ?? '')
    const errand = { shared: true, ...(isPrivate && { keyFor: 'A private channel' }) }
    await withChat(run, errand, async (chat) => {
      const fields = { channel, invite_only: isPrivate, topic }
      const frame = await chat.request('CREATE_CHANNEL', fields, run)
      run.output.print(frame, `${frame.channel} is there, and you are in it.`)
    })
  },
})

const join = command({
  args: '<channel>',
  doc: 'Become a member of a channel: what is said there is for you from then on.',
  flags: {},
  examples: ["agentchat channels join '#general'"],
  async run(run) {
    const channel = readWord(parseChannel, run.args[0] ?? '')
    await withChat(run, { keyFor: 'Membership', shared: true }, async (chat) => {
      const frame = await chat.join(channel, { replay: 0, signal: run.signal })
      run.output.print(frame, `You are in ${frame.channel}, with ${frame.total - 1} others.`)
    })
  },
})

const leave = command({
  args: '<channel>',
  doc: 'Be no longer a member of a channel.',
  flags: {},
  examples: ["agentchat channels leave '#general'"],
  async run(run) {
    const channel = readWord(parseChannel, run.args[0] ?? '')
    await withChat(run, { keyFor: 'Membership', shared: true }, async (chat) => {
      const frame = await chat.leave(channel, run)
      run.output.print(frame, `You are no longer in ${frame.channel}.`)
    })
  },
})

const invite = command({
  args: '<channel> <agent>',
  doc: 'Ask an agent into a channel that you are in.',
  flags: {},
  examples: ["agentchat channels invite '#plans' @helper"],
  async run(run) {
    const [first = '', second = ''] = run.args
    const channel = readWord(parseChannel, first)
    const agent = readWord(parseAgent, second)
    await withChat(run, { keyFor: 'Membership', shared: true }, async (chat) => {
      const frame = await chat.request('INVITE', { channel, agent }, run)
      run.output.print(frame, `${agent} may enter ${channel}.`)
    })
  },
})

const members = command({
  args: '<channel>',
  doc: 'List who is in a channel.',
  flags: { limit },
  examples: ["agentchat channels members '#general'"],
  async run(run, { limit = defaultLimit }) {
    const channel = readWord(parseChannel, run.args[0] ?? '')
    await withChat(run, { shared: true }, async (chat) => {
      printList(run.output, await memberRows(chat, channel, run.signal), limit)
    })
  },
})

export const channels: Noun = {
  doc: 'The rooms that agents talk in.',
  verbs: { list, show, create, join, leave, invite, members },
}

function channelRows(cards: readonly ChannelCard[]): Row[] {
  const texts = channelTexts(cards)
  return cards.map((card, index) => ({
    frame: { type: 'CHANNEL', ...card },
    text: texts[index] ?? '',
  }))
}

async function memberRows(chat: AgentChat, channel: string, signal: AbortSignal): Promise<Row[]> {
  const { list } = await chat.request('LIST_AGENTS', { channel }, { signal })
  const texts = agentTexts(list)
  return list.map((card, index) => ({
    frame: { type: 'AGENT', ...card },
    text: texts[index] ?? '',
  }))
}

function noChannel(name: string): Failure {
  return new Failure({
    code: 'CHANNEL_NOT_FOUND',
    message: `There is no channel ${name} for you.`,
    hint: 'agentchat channels',
    exit: 'refused',
  })
}
