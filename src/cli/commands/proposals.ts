// `agentchat proposals`: deals between agents, each step signed by who takes it; listing, watching and showing them.

import type { Heard } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import { toldAs } from '../../protocol/proposal-life.ts'
import { chainText } from '../chain-text.ts'
import { command, type Noun, type Run, toggle, type Values, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { wrongUsage } from '../failure.ts'
import { fitting } from '../output.ts'
import { idWord, proposalIdOf } from '../proposal-ids.ts'
import { proposalTexts } from '../proposal-texts.ts'
import { parseChannel, parseCount, parseDuration, parsePosition, parseWord } from '../values.ts'
import { create } from './proposals-new.ts'
import { receipt } from './proposals-receipt.ts'
import {
  accept,
  complete,
  confirm,
  dispute,
  fund,
  reject,
  settle,
  withdraw,
} from './proposals-steps.ts'
import { watch } from './proposals-watch.ts'

const defaultLimit = 50

const statuses = new Set(Object.values(toldAs).map(({ status }) => status))
const parseStatus = parseWord(...statuses)

const flags = {
  status: value('STATUS', 'only those that are pending, accepted, disputed …', parseStatus),
  state: value('STATUS', 'the same', parseStatus),
  role: value(
    'ROLE',
    'proposer: those you made; recipient: those made to you; escrow: those that wait for you',
    parseWord('proposer', 'recipient', 'escrow'),
  ),
  channel: value('CHANNEL', 'the open offers there instead of yours', parseChannel),
  limit: value('N', `print at most so many (${defaultLimit})`, parseCount(limits.page_messages)),
  before: value('POSITION', 'only those made before (END.next)', parsePosition),
  watch: toggle('print what happens to proposals, as the server tells it (show checks it)'),
  since: value('POSITION', 'with --watch: begin after a position', parsePosition),
  count: value('N', 'with --watch: end after so many', parseCount(1_000_000)),
  timeout: value(
    'DUR',
    'with --watch: end after so long (60s when stdout is no terminal)',
    parseDuration,
  ),
}

type ListValues = Values<typeof flags>

const list = command({
  args: '',
  doc: 'List your proposals, made and received, the newest first; or the open offers of a channel. It is what the server tells; show checks it.',
  flags,
  examples: [
    'agentchat proposals',
    'agentchat proposals list --status pending --role recipient',
    "agentchat proposals --channel '#general'",
    'agentchat proposals --watch --since 0 --count 1',
  ],
  async run(run, { status, state, ...values }) {
    if (status !== undefined && state !== undefined && status !== state) {
      throw wrongUsage('--status and --state are the same.', 'Give one of them.')
    }
    const wanted = { ...values, status: status ?? state, state: undefined }
    const { limit, before, since, count } = values
    if (values.watch) {
      refuseWith([limit, before], '--limit and --before are for listing, not for --watch.')
      await watch(run, wanted)
    } else {
      refuseWith([since, count], '--since and --count go with --watch.')
      await printPage(run, wanted)
    }
  },
})

const show = command({
  args: '<id>',
  doc: 'Show a proposal with all its steps, after checking every signature. Exit code 5 when one does not hold.',
  flags: { channel: value('CHANNEL', 'where it is an open offer', parseChannel) },
  examples: ['agentchat proposals show 3f2a9c1d'],
  async run(run, { channel }) {
    const word = idWord(run)
    await withChat(run, { keyFor: 'A proposal' }, async (chat) => {
      const id = await proposalIdOf(run, chat, { word, channel, offers: true })
      const read = await chat.proposals.get(id, run)
      run.output.print(read.frame, chainText(read, chat.id))
    })
  },
})

export const proposals: Noun = {
  doc: 'Deals between agents. What is agreed is signed by both; no money moves here.',
  verbs: {
    list,
    show,
    new: create,
    accept,
    reject,
    withdraw,
    complete,
    confirm,
    dispute,
    settle,
    fund,
    receipt,
  },
}

function refuseWith(values: readonly unknown[], sentence: string): void {
  if (values.some((one) => one !== undefined)) throw wrongUsage(sentence, 'Leave them out.')
}

async function printPage(run: Run, values: ListValues): Promise<void> {
  const { limit = defaultLimit, before, timeout = run.settings.timeoutMs } = values
  const { output, signal } = run
  await withChat(run, { keyFor: 'A proposal' }, async (chat) => {
    const { status, role, channel } = values
    const wanted = { status, role, channel, before, signal, timeoutMs: timeout }
    let page = await chat.proposals.list({ ...wanted, limit })
    const room = output.room(limit)
    const shown = fitting(room, rowsOf(page, chat.id)).length
    // The answer tells where to go on only from its own end.
    if (shown < page.list.length) page = await chat.proposals.list({ ...wanted, limit: shown })

    for (const { frame, text } of rowsOf(page, chat.id)) output.print(frame, text)
    const { next, list, total } = page
    const left = next === null ? 0 : before === undefined ? total - list.length : null
    output.end(
      { count: list.length, next, left, truncated: next !== null },
      next === null ? undefined : `add --before ${next}`,
    )
  })
}

function rowsOf({ list }: Heard<'PROPOSALS'>, me: string) {
  const texts = proposalTexts(list, me)
  return list.map((card, index) => ({
    frame: { type: 'PROPOSAL_STATE', ...card },
    text: texts[index] ?? '',
  }))
}
