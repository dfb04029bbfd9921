// Which messages are news: each is heard once, and live ones only ever by rising position.

import type { Frame, Message } from './options.ts'

/** A message as it came. */
export type MessageFrame = Message & Frame

/** Positions heard that are kept in mind, to know again what history tells once more. */
const maxPositions = 4_096

export class Inbox {
  /** Everything up to here has been heard; a connection that was lost is taken up again after it. */
  position = 0
  private readonly heard = new Set<number>()
  private newest = 0
  private resuming = false
  private gathered: MessageFrame[] | undefined

  /** Takes a message. @returns false for one that was heard before, or that is only gathered for now */
  accept(message: MessageFrame): boolean {
    if (this.gathered) {
      this.gathered.push(message)
      return false
    }
    return this.isNews(message)
  }

  /** Begins at a place in the log; forgets what was heard if that was another log, for this one is shorter. */
  start(position: number): void {
    if (position < Math.max(this.position, this.newest)) {
      this.heard.clear()
      this.newest = 0
      this.position = 0
    }
    this.resuming = false
    if (this.position === 0) this.position = position
  }

  /** From now on what is missing is told from history, and `position` stands still. */
  beginResume(after: number): void {
    this.position = after
    this.resuming = true
  }

  /** Everything up to here was told; more is to come. */
  resumedTo(position: number): void {
    this.position = Math.max(this.position, position)
  }

  /** Nothing is missing any more. */
  endResume(): void {
    this.resuming = false
    this.position = Math.max(this.position, this.newest)
  }

  /** Gathers messages from now on: they come from several channels, and not in one order. */
  gather(): void {
    this.gathered = []
  }

  /** Ends the gathering. @returns the news among them, in order */
  takeGathered(): MessageFrame[] {
    const gathered = this.gathered ?? []
    this.gathered = undefined
    const { position: before } = this
    gathered.sort((one, other) => (one.position ?? 0) - (other.position ?? 0))
    const news = gathered.filter(
      (message) => (message.position ?? before + 1) > before && this.isNews(message),
    )
    this.resumedTo(news.at(-1)?.position ?? 0)
    return news
  }

  private isNews({ position, replay }: Message): boolean {
    if (position === undefined) return true
    if (this.heard.has(position)) return false
    if (replay !== true) {
      if (position <= this.newest) return false
      this.newest = position
      if (!this.resuming) this.resumedTo(position)
    }
    this.remember(position)
    return true
  }

  private remember(position: number): void {
    this.heard.add(position)
    if (this.heard.size <= maxPositions) return
    const [oldest] = this.heard
    if (oldest !== undefined) this.heard.delete(oldest)
  }
}

/** Whether a frame of type MSG has the fields that readers rely on, each of its type. */
export function isMessage(frame: Frame): frame is MessageFrame {
  const { from, from_name: name, to, content, msg_id: id, position, replay } = frame
  const texts = [from, name, to, content, id]
  if (!texts.every((text) => typeof text === 'string')) return false
  if (position !== undefined && !(Number.isSafeInteger(position) && Number(position) >= 0))
    return false
  return replay === undefined || typeof replay === 'boolean'
}
