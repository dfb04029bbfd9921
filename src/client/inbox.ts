// Which events are news: each that the log keeps is heard once, and live ones only ever by rising position.

import { isKept } from '../protocol/kept.ts'
import type { Frame, Message } from './options.ts'

/** A message as it came. */
export type MessageFrame = Message & Frame

/** An event that the log keeps, as it came. */
export type KeptFrame = Frame & { readonly position?: number; readonly replay?: boolean }

/** Positions heard that are kept in mind, to know again what history tells once more. */
const maxPositions = 4_096

export class Inbox {
  /** Everything up to here has been heard; a connection that was lost is taken up again after it. */
  position = 0
  private hasBegun = false
  private readonly heard = new Set<number>()
  private newest = 0
  private resuming = false
  private gathered: KeptFrame[] | undefined

  /** Takes an event. @returns false for one that was heard before, or that is only gathered for now */
  accept(event: KeptFrame): boolean {
    if (this.gathered) {
      this.gathered.push(event)
      return false
    }
    return this.isNews(event)
  }

  /** Begins at a place in the log; forgets what was heard if that was another log, for this one is shorter. */
  start(position: number): void {
    if (position < Math.max(this.position, this.newest)) {
      this.heard.clear()
      this.newest = 0
      this.hasBegun = false
    }
    this.resuming = false
    if (!this.hasBegun) this.position = position
    this.hasBegun = true
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

  /** Gathers events from now on: they come from several channels, and not in one order. */
  gather(): void {
    this.gathered = []
  }

  /** Ends the gathering. @returns the news among them, in order */
  takeGathered(): KeptFrame[] {
    const gathered = this.gathered ?? []
    this.gathered = undefined
    const { position: before } = this
    gathered.sort((one, other) => (one.position ?? 0) - (other.position ?? 0))
    const news = gathered.filter(
      (event) => (event.position ?? before + 1) > before && this.isNews(event),
    )
    this.resumedTo(news.at(-1)?.position ?? 0)
    return news
  }

  private isNews({ position, replay }: KeptFrame): boolean {
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

/** Whether a frame is a MSG with the fields that readers rely on, each of its type. */
export function isMessage(frame: Frame): frame is MessageFrame {
  const { type, from, from_name: name, to, content, msg_id: id } = frame
  return type === 'MSG' && areTexts([from, name, to, content, id]) && hasPlace(frame)
}

/** Whether a frame is an event that the log keeps, with the fields that are relied on, each of its type. */
export function isKeptFrame(frame: Frame): frame is KeptFrame {
  if (!isKept(frame.type)) return false
  if (frame.type === 'MSG') return isMessage(frame)
  const { proposal_id: id, from, position } = frame
  return areTexts([id, from]) && position !== undefined && hasPlace(frame)
}

function areTexts(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}

function hasPlace({ position, replay }: Frame): boolean {
  if (position !== undefined && !(Number.isSafeInteger(position) && Number(position) >= 0))
    return false
  return replay === undefined || typeof replay === 'boolean'
}
