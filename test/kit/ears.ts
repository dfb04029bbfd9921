// What one connection has heard: each frame is checked against its declaration, and waits to be asked for.

import { z } from 'zod'
import { type Heard, type TellType, tells } from '../../src/protocol/frames.ts'
import { isKept, type KeptType } from '../../src/protocol/kept.ts'

const readers = new Map(
  Object.entries(tells).map(([type, { fields }]) => {
    const envelope = { type: z.literal(type), ts: z.number(), ref: z.string().optional() }
    return [type, z.strictObject({ ...fields, ...envelope })]
  }),
)

export class Ears {
  /** Why the connection ended, once it has. */
  closed: string | undefined
  #frames: Heard[] = []
  #wake: Set<() => void> = new Set()
  #faults: Error[] = []
  #last = 0
  readonly #patienceMs: number

  /** @param patienceMs how long `next` waits for what has not come yet; 0 where all has come at once */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs
  }

  hear(text: string): void {
    const frame = JSON.parse(text) as Heard // checked in the next line
    const fault = faultOf(frame) ?? this.#orderFault(frame)
    if (fault) this.#faults.push(new Error(`${fault}: ${text.slice(0, 500)}`))
    this.#frames.push(frame)
    this.#ring()
  }

  close(reason: string): void {
    this.closed ??= reason
    this.#ring()
  }

  /** Takes the first frame that fits; waits for it if need be. */
  async next(fits: (frame: Heard) => boolean, wanted: string): Promise<Heard> {
    const deadline = performance.now() + this.#patienceMs
    for (;;) {
      this.#raise()
      const index = this.#frames.findIndex(fits)
      const [found] = index < 0 ? [] : this.#frames.splice(index, 1)
      if (found) return found
      const left = deadline - performance.now()
      if (left <= 0 || this.closed !== undefined) throw this.#missing(wanted)
      await this.#sound(left)
    }
  }

  /** Waits until the connection has ended, and tells why. */
  async end(): Promise<string> {
    const deadline = performance.now() + this.#patienceMs
    while (this.closed === undefined) {
      const left = deadline - performance.now()
      if (left <= 0) throw this.#missing('the end of the connection')
      await this.#sound(left)
    }
    return this.closed
  }

  /** Takes everything that was heard and not asked for. */
  takeAll(type?: TellType): Heard[] {
    this.#raise()
    const taken = this.#frames.filter((frame) => type === undefined || frame.type === type)
    this.#frames = this.#frames.filter((frame) => !taken.includes(frame))
    return taken
  }

  /** The ERROR frames that were not asked for; they stay. */
  peekErrors(): Heard<'ERROR'>[] {
    return this.#frames.filter((frame): frame is Heard<'ERROR'> => frame.type === 'ERROR')
  }

  #raise(): void {
    const [fault] = this.#faults
    if (fault) throw fault
  }

  /** Positions of what is kept only ever rise; what is told from history is not live. */
  #orderFault(frame: Heard): string | undefined {
    if (!isKept(frame.type)) return undefined
    const { replay, position } = frame as Heard<KeptType> // its type was just looked at
    if (replay || position === undefined) return undefined
    const late = position <= this.#last
    this.#last = Math.max(this.#last, position)
    return late ? `heard after position ${this.#last}` : undefined
  }

  #missing(wanted: string): Error {
    const heard = this.#frames.map((frame) => JSON.stringify(frame).slice(0, 300))
    const closed = this.closed === undefined ? '' : ` The connection is closed: ${this.closed}.`
    return new Error(
      `Did not hear ${wanted}.${closed} Heard instead: ${heard.join('\n') || 'nothing'}`,
    )
  }

  #ring(): void {
    const sleepers = [...this.#wake]
    this.#wake.clear()
    for (const wake of sleepers) wake()
  }

  #sound(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

function faultOf(frame: Heard): string | undefined {
  const reader = readers.get(frame.type)
  if (!reader) return 'a frame that is not declared'
  const parsed = reader.safeParse(frame)
  return parsed.success ? undefined : `a frame that is not as declared (${parsed.error.message})`
}
