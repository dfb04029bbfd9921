// The writing end of one connection: what it still has to hear, in order, and how much of it may wait.

import type { Duplex } from 'node:stream'
import { type CloseName, closes } from '../../protocol/errors.ts'

/** A frame with the position of the message that it is; undefined for what history does not keep. */
export interface Piece {
  readonly frame: Buffer
  readonly position: number | undefined
}

/** A place kept free for what is being read from the log. */
interface Slot {
  bytes: Buffer | undefined
}

export interface OutletOptions {
  readonly id: string
  /** The socket of the upgrade request; whole frames go straight to it. */
  readonly socket: Duplex
  /** Starts the closing handshake, and ends the connection when it does not come. */
  readonly close: (code: number, reason: string) => void
  /** Called when the reader is too slow and is cut. */
  readonly onCut: () => void
}

/** What was read from the log for a reserved place. */
export interface Filling {
  readonly bytes: Buffer
  /** Positions in it: news of them that waits behind the place has been told already. */
  readonly positions: ReadonlySet<number>
  /** After a part of what was missed: the rest comes before any live message. */
  readonly withholding?: boolean
}

/** Over this many waiting bytes a reader is behind; it is cut when it stays so for too long. */
const maxWaitingBytes = 262_144
const maxBehindMs = 5_000
/** So many are more than any turn's news: several agents at once must not have all others cut. */
const maxBurstBytes = 4_194_304

export class Outlet {
  readonly id: string
  /** True until RESUME has brought all that was missed: messages would come out of order. */
  withholding = false
  private readonly options: OutletOptions
  private queue: (Piece | Slot)[] = []
  private queuedBytes = 0
  private behindSince = 0
  private closed = false
  /** Why it will close, once what is being read from the log has been told. */
  private closing: CloseName | undefined

  constructor(options: OutletOptions) {
    this.id = options.id
    this.options = options
  }

  /** True when bytes may go to the socket as they are, without a look at single frames. */
  get flowing(): boolean {
    return this.queue.length === 0 && !this.withholding && !this.closed
  }

  /** Writes whole frames. Cuts the connection when its reader is too slow. */
  write(bytes: Buffer): void {
    if (this.closed || bytes.length === 0) return
    const { socket } = this.options
    const wasBehind = socket.writableLength > maxWaitingBytes
    socket.write(bytes)
    const waitingBytes = socket.writableLength
    if (waitingBytes <= maxWaitingBytes) return
    const now = performance.now()
    if (!wasBehind) this.behindSince = now
    if (waitingBytes > maxBurstBytes || now - this.behindSince > maxBehindMs) this.cut()
  }

  /** Writes frames one by one, behind what is being read from the log. */
  put(pieces: readonly Piece[]): void {
    if (this.closed || this.closing) return
    if (this.queue.length === 0) {
      this.write(this.audible(pieces))
      return
    }
    this.queue.push(...pieces)
    this.queuedBytes += pieces.reduce((sum, { frame }) => sum + frame.length, 0)
    if (this.queuedBytes > maxBurstBytes) this.cut()
  }

  /** Keeps a place free; what comes later waits until it is filled. */
  reserve(): (filling: Filling) => void {
    const slot: Slot = { bytes: undefined }
    this.queue.push(slot)
    return ({ bytes, positions, withholding }) => {
      const behind = this.queue.indexOf(slot)
      this.queue = this.queue.filter((item, at) => {
        if (at < behind || !isIn(item, positions)) return true
        this.queuedBytes -= item.frame.length
        return false
      })
      if (withholding !== undefined) this.withholding = withholding
      slot.bytes = bytes
      this.drain()
    }
  }

  /** Closes after all that it was told before, also what is still being read from the log. */
  close(name: CloseName): void {
    if (this.closed || this.closing) return
    if (this.queue.length === 0) this.end(name)
    else this.closing = name
  }

  /** The socket is gone: nothing is told any more. */
  abandon(): void {
    this.closed = true
    this.queue = []
  }

  private drain(): void {
    const free = this.queue.findIndex((item) => 'bytes' in item && item.bytes === undefined)
    const ready = this.queue.splice(0, free === -1 ? this.queue.length : free)
    for (const item of ready) {
      if ('bytes' in item) this.write(item.bytes ?? Buffer.alloc(0))
      else {
        this.queuedBytes -= item.frame.length
        this.write(this.audible([item]))
      }
    }
    if (this.closing && this.queue.length === 0) this.end(this.closing)
  }

  private end(name: CloseName): void {
    if (this.closed) return
    this.closed = true
    this.queue = []
    this.options.close(closes[name].code, closes[name].doc)
  }

  private audible(pieces: readonly Piece[]): Buffer {
    const heard = this.withholding
      ? pieces.filter(({ position }) => position === undefined)
      : pieces
    return Buffer.concat(heard.map(({ frame }) => frame))
  }

  private cut(): void {
    if (this.closed) return
    this.end('SLOW_READER')
    this.options.onCut()
  }
}

function isIn(item: Piece | Slot, positions: ReadonlySet<number>): item is Piece {
  return 'frame' in item && item.position !== undefined && positions.has(item.position)
}
