// What an agent hears as lines of a file: each once and in order, over restarts and kills, in bounded room.

import {
  appendFileSync,
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { AgentChat } from '../../client/chat.ts'
import { jsonLine } from '../../doors/plain.ts'
import { actorOf } from '../../doors/proposal-news.ts'
import { onNews } from '../proposal-news.ts'

/** With more than this the file is set aside, and the one that was set aside before is gone. */
const mostBytes = 16_777_216
const newline = 10

export class InboxFile {
  /** Everything up to here is written; undefined when nothing ever was. */
  position: number | undefined
  private readonly path: string
  private readonly setAside: string
  private readonly state: string

  /** @param path without its ending */
  constructor(path: string) {
    this.path = `${path}.jsonl`
    this.setAside = `${path}.1.jsonl`
    this.state = `${path}.state.json`
    cutPartialLine(this.path)
    // Readers may empty the file, and a kill may come before the state is written: the later of both counts.
    const known = [lastPosition(this.setAside), lastPosition(this.path), this.readState()]
    this.position = known.reduce(later, undefined)
  }

  /**
   * Writes down what comes on a connection: messages of others, and news of proposals that others have moved.
   *
   * @param fail is called when the file cannot be written
   */
  hear(chat: AgentChat, fail: (cause: unknown) => void): void {
    const take = (frame: object, position: number | undefined) => {
      try {
        this.write(frame, position)
      } catch (cause) {
        fail(cause)
        void chat.close()
      }
    }
    chat.on('MSG', (message) => {
      if (message.from !== chat.id) take(message, message.position)
    })
    onNews(chat, (news) => {
      if (news.type !== 'OFFER_CLOSED' && actorOf(news) !== chat.id) take(news, news.position)
    })
    chat.onState((state) => {
      if (state.state !== 'resumed' || state.forgotten === undefined) return
      const { forgotten: position } = state
      take({ type: 'FORGOTTEN', position }, position)
    })
  }

  private write(frame: object, position: number | undefined): void {
    if (position !== undefined && position <= (this.position ?? -1)) return
    appendFileSync(this.path, `${jsonLine(frame)}\n`, { mode: 0o600 })
    this.position = later(this.position, position)
    const draft = `${this.state}.tmp`
    writeFileSync(draft, `${JSON.stringify({ position: this.position })}\n`, { mode: 0o600 })
    renameSync(draft, this.state)
    if (statSync(this.path).size > mostBytes) renameSync(this.path, this.setAside)
  }

  /** Written without waiting for the disk: after a crash of the machine the file itself tells. */
  private readState(): number | undefined {
    try {
      return positionIn(readFileSync(this.state, 'utf8'))
    } catch {
      return undefined // it was never written
    }
  }
}

function later(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || (other !== undefined && other > one) ? other : one
}

/** A line that was cut by a kill will be told again as a whole. */
function cutPartialLine(path: string): void {
  withTail(path, (file, tail, from) => {
    const end = tail.lastIndexOf(newline) + 1
    if (end < tail.length) ftruncateSync(file, from + end)
  })
}

function lastPosition(path: string): number | undefined {
  let found: number | undefined
  withTail(path, (_file, tail) => {
    for (const line of tail.toString('utf8').split('\n')) found = later(found, positionIn(line))
  })
  return found
}

function positionIn(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line)
    const position: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'position') : undefined
    return typeof position === 'number' ? position : undefined
  } catch {
    return undefined // the first line of what was read may begin in its middle
  }
}

/** The end of a file, long enough for some lines however long. */
function withTail(path: string, use: (file: number, tail: Buffer, from: number) => void): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return
  const file = openSync(path, 'r+')
  try {
    const { size } = fstatSync(file)
    const tail = Buffer.alloc(Math.min(size, 4 * 1_048_576))
    readSync(file, tail, 0, tail.length, size - tail.length)
    use(file, tail, size - tail.length)
  } finally {
    closeSync(file)
  }
}
