// Frames that wait for their one answer, found again by `ref`.

import type { Heard, TellType } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { scanFrame } from '../protocol/scan.ts'
import { ConnectionError, RefusedError } from './errors.ts'
import type { Frame, WaitOptions } from './options.ts'
import { type Settle, waitFor } from './wait.ts'

/** A frame ready to be sent, again and again if need be. */
export interface Sealed {
  readonly ref: string
  readonly text: string
}

export class Requests {
  /** Bytes of the largest frame that the server takes. */
  maxFrameBytes: number = limits.frame_bytes
  private readonly waiting = new Map<string, Settle<Frame>>()
  private count = 0

  /**
   * Writes a frame with a `ref` of its own.
   *
   * @throws RangeError when no server would take it: too long, or text that is not well-formed
   */
  seal(type: string, fields: object): Sealed {
    const ref = `r${++this.count}`
    const text = JSON.stringify({ ...fields, type, ref })
    const fault = scanFrame(text)
    if (fault !== undefined) throw new RangeError(fault)
    const bytes = new TextEncoder().encode(text).length
    if (bytes > this.maxFrameBytes) {
      throw new RangeError(`${type} has ${bytes} bytes; a frame has at most ${this.maxFrameBytes}.`)
    }
    return { ref, text }
  }

  /**
   * Sends a frame and waits for its answer.
   *
   * @throws RefusedError when the answer is an ERROR
   * @throws ConnectionError `timeout`, or what `fail` was called with
   * @throws the signal's reason
   */
  ask({ ref, text }: Sealed, send: (text: string) => void, bounds: WaitOptions): Promise<Frame> {
    const late = () => new ConnectionError('timeout', 'The server did not answer in time.')
    return waitFor<Frame>({ ...bounds, late }, (settle) => {
      this.waiting.set(ref, settle)
      send(text)
      return () => this.waiting.delete(ref)
    })
  }

  /** Gives an answer to who waits for it. @returns false when nobody does */
  settle(frame: Frame): boolean {
    const settle = typeof frame.ref === 'string' ? this.waiting.get(frame.ref) : undefined
    if (!settle) return false
    if (frame.type === 'ERROR') settle.reject(new RefusedError(readError(frame)))
    else settle.resolve(frame)
    return true
  }

  /** No more answers will come on this connection. */
  fail(reason: unknown): void {
    for (const settle of [...this.waiting.values()]) settle.reject(reason)
  }
}

function readError(frame: Frame): Heard<'ERROR'> {
  const { code, message, retry_after_ms: retryAfterMs, ...rest } = frame
  return {
    ...(rest as Frame & Pick<Heard<'ERROR'>, 'ts'>), // what is acted upon is checked here
    type: 'ERROR',
    code: typeof code === 'string' ? code : 'UNKNOWN',
    message: typeof message === 'string' ? message : 'The server said no, and not why.',
    ...(typeof retryAfterMs === 'number' && { retry_after_ms: retryAfterMs }),
  }
}

/** The frame as one of a type. Its fields are not checked. @throws ConnectionError `nonsense` for another type */
export function ofType<T extends TellType>(frame: Frame, type: T): Heard<T> {
  if (frame.type === type) return frame as Frame & Heard<T>
  throw nonsense(`it answered with ${frame.type.slice(0, 32)} instead of ${type}`)
}

/** What answers is no server of ours. */
export function nonsense(what: string): ConnectionError {
  return new ConnectionError('nonsense', `This is no AgentChat server of version 1: ${what}.`)
}
