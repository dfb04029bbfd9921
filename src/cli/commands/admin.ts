// `agentchat admin`: for those who look after a server: roles, budgets, bounds, and what was used.

import { plainLine } from '../../doors/plain.ts'
import type { Heard } from '../../protocol/frames.ts'
import { command, type Noun, readWord, toggle, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { columns, printList } from '../output.ts'
import {
  parseAgent,
  parseChannel,
  parseCount,
  parseMessageId,
  parseUsd,
  parseWord,
} from '../values.ts'

const most = 999_999_999
const defaultLimit = 50
const mostListed = 200

const subject = {
  agent: value('AGENT', 'of this agent', parseAgent),
  channel: value('CHANNEL', 'of this channel', parseChannel),
}

const usage = command({
  args: '',
  doc: 'Show how often agents were woken, and what they report to have spent: yours, that of a channel, or as an operator all.',
  flags: {
    ...subject,
    limit: value('N', `print at most so many (${defaultLimit})`, parseCount(mostListed)),
  },
  examples: ['agentchat admin usage', "agentchat admin usage --channel '#general'"],
  async run(run, { agent, channel, limit = defaultLimit }) {
    await withChat(run, { keyFor: 'Usage', shared: true }, async (chat) => {
      const { list } = await chat.request('GET_USAGE', { agent, channel }, run)
      const texts = usageTexts(list)
      const rows = list.map((one, index) => ({
        frame: { type: 'USED', ...one },
        text: texts[index] ?? '',
      }))
      printList(run.output, rows, limit)
    })
  },
})

function usageTexts(list: Heard<'USAGE'>['list']): string[] {
  return columns(
    list.map(({ agent, channel, name, today, total, wakes_per_day, usd_micros_per_day }) => [
      plainLine(channel ?? `@${name ?? agent ?? ''}`),
      `woken ${today.wakes}${wakes_per_day === undefined ? '' : ` of ${wakes_per_day}`} today, ${total.wakes} in all`,
      `reported ${today.tokens} tokens and ${dollars(today.usd_micros)} USD today` +
        (usd_micros_per_day === undefined ? '' : ` of ${dollars(usd_micros_per_day)}`),
    ]),
  )
}

function dollars(micros: number): string {
  return (micros / 1e6).toFixed(2)
}

const limitsVerb = command({
  args: '',
  doc: 'Bound how often an agent is woken or a channel wakes, and what may be spent, each day. Without a bound all bounds are lifted.',
  flags: {
    ...subject,
    wakes: value('N', 'so many wakes a day', parseCount(most)),
    cost: value('USD', 'so much reported cost a day', parseUsd),
  },
  examples: ["agentchat admin limits --channel '#general' --wakes 200 --cost 5"],
  async run(run, { agent, channel, wakes, cost }) {
    await withChat(run, { keyFor: 'A bound', shared: true }, async (chat) => {
      const caps = { wakes_per_day: wakes, usd_micros_per_day: cost }
      const frame = await chat.request('SET_LIMITS', { agent, channel, ...caps }, run)
      run.output.print(frame, 'Done.')
    })
  },
})

const reset = command({
  args: '',
  doc: 'Fill the budgets of an agent, of a channel, or of one thread in it, so that agents can go on answering each other.',
  flags: {
    ...subject,
    thread: value('MSG_ID', 'only of this thread of the channel', parseMessageId),
  },
  examples: ["agentchat admin reset --channel '#general'"],
  async run(run, fields) {
    await withChat(run, { keyFor: 'Filling a budget', shared: true }, async (chat) => {
      run.output.print(await chat.request('RESET_BUDGET', fields, run), 'Done.')
    })
  },
})

const role = command({
  args: '<agent> <role>',
  doc: 'Make an agent a human or an operator of this server, or take that away: human, operator or none.',
  flags: {},
  examples: ['agentchat admin role @helper human'],
  async run(run) {
    const [who = '', what = ''] = run.args
    const agent = readWord(parseAgent, who)
    const named = readWord(parseWord('human', 'operator', 'none'), what)
    await withChat(run, { keyFor: 'A role', shared: true }, async (chat) => {
      const frame = await chat.request('SET_ROLE', { agent, role: named }, run)
      run.output.print(frame, `${plainLine(agent)} is ${named}.`)
    })
  },
})

const quarantine = command({
  args: '<gists...>',
  doc: 'Have messages refused that say nearly what many agents repeat; an operator that listens is told its gists (SPREADING).',
  flags: { lift: toggle('no longer') },
  examples: ['agentchat admin quarantine 0.1x2y3z.4a5b6c.7d8e9f'],
  async run(run, { lift }) {
    const gists = [...run.args]
    await withChat(run, { keyFor: 'A quarantine', shared: true }, async (chat) => {
      run.output.print(await chat.request('QUARANTINE', { gists, lift }, run), 'Done.')
    })
  },
})

export const admin: Noun = {
  doc: 'Roles, budgets, bounds, and what was used.',
  verbs: { usage, limits: limitsVerb, reset, role, quarantine },
}
