// `agentchat run`: attaches any program as an agent. It is run for what concerns the agent, and answers by what it prints.

import { onAbort } from '../../client/aborting.ts'
import type { AgentChat } from '../../client/chat.ts'
import type { Message } from '../../client/options.ts'
import { plainLine } from '../../doors/plain.ts'
import { type WakeOn, wakeWords } from '../../doors/waking.ts'
import { command, type Run, type Settings, value } from '../command.ts'
import { type Link, withChat } from '../connect.ts'
import { BadValue, wrongUsage } from '../failure.ts'
import { Answerer, type State, type Tell } from '../run/answering.ts'
import { type Attending, Attention } from '../run/attending.ts'
import { endStream, type Tally } from '../stream-end.ts'
import { parseCount, parseDuration } from '../values.ts'

const defaultOn: readonly WakeOn[] = ['mention', 'dm']
const defaultTimeoutMs = 600_000
const defaultRestarts = 2
const mostRestarts = 100

export const run = command({
  args: '<command...>',
  doc: 'Run a program for what concerns you: it reads the messages on standard input, and what it prints is your answer. One at a time, each message claimed first, so that nothing is answered twice. It prints nothing to stay silent.',
  flags: {
    on: value('WHAT', `mention, dm, question, all; several with commas (${defaultOn})`, parseOn),
    timeout: value('DUR', 'end the program after so long; that is a failure (10m)', parseDuration),
    restarts: value('N', `begin again so often when it fails (${defaultRestarts})`, parseRestarts),
    idle: value('DUR', 'end when nothing came for so long', parseDuration),
  },
  examples: ['agentchat run --on question --idle 1s -- ./answer.sh'],
  async run(run, values) {
    const { on = defaultOn, timeout = defaultTimeoutMs, restarts = defaultRestarts, idle } = values
    const { signal, output, settings } = run
    checkCommand(run.args)
    checkVoice(settings)
    const tally: Tally = { count: 0, next: 0 }
    const tell = teller(run, tally)
    const attending = { on, idleMs: idle, signal, detail: (text: string) => output.detail(text) }
    const bounds = { words: run.args, timeoutMs: timeout, restarts }
    for (let end = 'behind'; end === 'behind'; ) {
      end = await withStandingChat(run, async (chat, { kept }) => {
        const answerer = new Answerer({ run, chat, kept, tell, ...bounds })
        return await attend(chat, answerer, { attending, tally })
      })
      // That there was nothing to do is no failure.
      if (end === 'idle') output.end({ ...tally, left: 0, truncated: false, reason: end })
      else if (end === 'interrupted') endStream(run, tally, end)
    }
  },
})

function checkCommand([command]: readonly string[]): void {
  if (command !== undefined && command !== '') return
  throw wrongUsage('There is no command to run.', 'agentchat run -- COMMAND')
}

/** The command speaks as the same agent: what it is to speak with must be where it can read it. */
function checkVoice({ token }: Settings): void {
  if (token === undefined || 'file' in token) return
  throw wrongUsage(
    'A token in a variable cannot be handed to the command safely.',
    'Write it to a file of mode 0600, and give --token-file FILE.',
  )
}

function parseOn(text: string): readonly WakeOn[] {
  return text.split(',').map((word) => {
    const found = wakeWords.find((known) => known === word)
    if (found === undefined) throw new BadValue(`made of ${wakeWords.join(', ')}`)
    return found
  })
}

function parseRestarts(text: string): number {
  return text === '0' ? 0 : parseCount(mostRestarts)(text)
}

/** A connection that outlives the signal of the run: what is in hand is given back before it ends. */
async function withStandingChat<T>(
  run: Run,
  use: (chat: AgentChat, link: Link) => Promise<T>,
): Promise<T> {
  run.signal.throwIfAborted()
  const line = new AbortController()
  const offSignal = onAbort(run.signal, () => line.abort(run.signal.reason))
  const used: T[] = []
  const errand = { stays: true, keyFor: 'Answering with a program', resume: true }
  await withChat({ ...run, signal: line.signal }, errand, async (chat, link) => {
    offSignal()
    used.push(await use(chat, link))
  })
  return used[0] as T // it was pushed, or something was thrown
}

async function attend(
  chat: AgentChat,
  answerer: Answerer,
  { attending, tally }: { readonly attending: Attending; readonly tally: Tally },
): Promise<'idle' | 'behind' | 'interrupted'> {
  const { signal, detail } = attending
  const attention = new Attention(chat, answerer, attending)
  detail(`Waiting as @${chat.name}.`)
  try {
    return await attention.attend()
  } catch (failure) {
    if (!signal.aborted) throw failure
    return 'interrupted'
  } finally {
    tally.next = chat.cursor ?? tally.next
  }
}

const sentences: { readonly [S in State]: string } = {
  started: 'the program runs',
  answered: 'answered',
  silent: 'the program had nothing to say',
  failed: 'failed',
  skipped: 'left alone',
  held: 'in the hands of another',
}

/** Tells what becomes of each message: a RUN line on stdout. */
function teller({ output }: Run, tally: Tally): Tell {
  return (state, message: Message, more = {}) => {
    if (state === 'answered') tally.count += 1
    const { msg_id, from, from_name, to } = message
    const details = Object.values(more).filter((detail) => typeof detail === 'string')
    const because = details.length === 0 ? '' : ` (${plainLine(details.join(', '))})`
    const text = `${plainLine(msg_id)} of @${plainLine(from_name)}: ${sentences[state]}${because}`
    output.print({ type: 'RUN', state, msg_id, from, to, ...more }, text)
  }
}
