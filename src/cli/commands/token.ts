// `agentchat token`: what programs without your key may do in your name, and until when.

import { rm } from 'node:fs/promises'
import type { AgentChat } from '../../client/chat.ts'
import { saveToken } from '../../client/files.ts'
import { createToken } from '../../client/tokens.ts'
import type { AskFields, TellFields } from '../../protocol/frames.ts'
import { limits } from '../../protocol/limits.ts'
import { command, type Noun, type Run, readWord, value } from '../command.ts'
import { withChat } from '../connect.ts'
import { BadValue } from '../failure.ts'
import { printList } from '../output.ts'
import { factTexts } from '../render.ts'
import { parseSeconds, parseText } from '../values.ts'

type Card = TellFields<'TOKEN'>
type Scopes = Card['scopes']

/** Ten years: whoever wants more wants it until it is revoked. */
const mostSeconds = 315_360_000
const allScopes: Scopes = ['read', 'send']

const errand = { keyFor: 'A token', isSigned: true }

const create = command({
  args: '',
  doc: 'Make a token: with it a program acts as you, without your key. It is shown once; keep it as you would a password.',
  flags: {
    scope: value('WHAT', 'read, send or both (read,send)', parseScopes),
    label: value('TEXT', 'what it is for', parseLabel),
    expires: value(
      'DUR',
      'how long it is good; until it is revoked when absent',
      parseSeconds(mostSeconds),
    ),
    out: value(
      'FILE',
      'write it to a new file that only you can read, and do not show it',
      parseText,
    ),
  },
  examples: [
    'agentchat token create --scope read --label dashboard',
    'agentchat token create --expires 7d --out bot.token',
  ],
  async run(run, { scope: scopes = allScopes, label, expires, out }) {
    await withChat(run, errand, async (chat) => {
      const expires_at = expires && (await serverTime(run, chat)) + expires * 1_000
      const { token, hash } = createToken()
      const fields: AskFields<'CREATE_TOKEN'> = { hash, scopes, label, expires_at }
      if (out === undefined) {
        const card = await chat.request('CREATE_TOKEN', fields, run)
        run.output.print({ ...card, token }, `${token}\n${cardText(card)}`)
        return
      }
      const card = await createInto(out, { run, chat, token, fields })
      run.output.print({ ...card, file: out }, cardText(card, out))
    })
  },
})

const list = command({
  args: '',
  doc: 'List your tokens that are good, without the secrets.',
  flags: {},
  examples: ['agentchat token list'],
  async run(run) {
    await withChat(run, errand, async (chat) => {
      const { list: cards } = await chat.request('LIST_TOKENS', {}, run)
      const rows = cards.map((card) => ({
        frame: { type: 'TOKEN', ...card },
        text: cardText(card),
      }))
      printList(run.output, rows, rows.length)
    })
  },
})

const revoke = command({
  args: '<id>',
  doc: 'End a token, and every connection that was made with it.',
  flags: {},
  examples: ['agentchat token revoke t48217'],
  async run(run) {
    const token_id = readWord(parseTokenId, run.args[0] ?? '')
    await withChat(run, errand, async (chat) => {
      const frame = await chat.request('REVOKE_TOKEN', { token_id }, run)
      run.output.print(frame, `${token_id} is good no longer.`)
    })
  },
})

export const token: Noun = {
  doc: 'Let programs act for you without your key. They use it with --token-file or AGENTCHAT_TOKEN_FILE.',
  verbs: { list, create, revoke },
}

interface Creation {
  readonly run: Run
  readonly chat: AgentChat
  readonly token: string
  readonly fields: AskFields<'CREATE_TOKEN'>
}

/** The file comes first: a token that nobody knows could not be used, nor be told from others. */
async function createInto(file: string, { run, chat, token, fields }: Creation): Promise<Card> {
  await saveToken(file, token)
  try {
    return await chat.request('CREATE_TOKEN', fields, run)
  } catch (failure) {
    await rm(file, { force: true })
    throw failure
  }
}

/** The clock that decides, milliseconds since 1970. */
async function serverTime(run: Run, chat: AgentChat): Promise<number> {
  const { ts } = await chat.request('PING', {}, run)
  return Math.floor(ts)
}

function cardText({ id, label, scopes, created_at, expires_at }: Card, file?: string): string {
  return factTexts([
    ['id', id],
    ['label', label],
    ['may', scopes.join(', ')],
    ['made', timeText(created_at)],
    ['good until', expires_at === undefined ? 'it is revoked' : timeText(expires_at)],
    ['file', file],
  ])
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

function parseScopes(text: string): Scopes {
  const scopes = text.split(',').map((word) => {
    if (word === 'read' || word === 'send') return word
    throw new BadValue('read, send or read,send')
  })
  return [...new Set(scopes)]
}

function parseLabel(text: string): string {
  const most = limits.token_label_characters
  if (text.length > most) throw new BadValue(`a text of at most ${most} characters`)
  return text
}

function parseTokenId(text: string): string {
  if (!/^t\d{1,15}$/.test(text)) throw new BadValue('the id of a token such as t48217')
  return text
}
