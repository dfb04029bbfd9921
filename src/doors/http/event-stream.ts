// Server-sent events for one reader, with a bound on how much may wait for it.

/** One event. Its data is JSON, so that nothing in it can begin a line, and with it another event. */
export interface SentEvent {
  readonly type: string
  readonly data: object
  /** What the reader names to go on after this event. */
  readonly position: number | undefined
}

interface Options {
  /** Called once, when the reader is gone, was cut, or has been told everything. */
  readonly onEnd: () => void
  /** Cuts the connection: a reader that does not read would not notice an end. */
  readonly hangUp: () => void
}

/** So many bytes may wait; whoever is further behind is cut and goes on later. */
const maxWaitingBytes = 1_048_576
/** What is told from history goes on when no more than this waits. */
const roomBelowBytes = 65_536
/** A line of silence, so that whoever is between does not take the connection for dead. */
const beatMs = 15_000
/** Whoever has taken nothing for so many beats is cut. */
const mostStillBeats = 2

export class EventStream {
  readonly body: ReadableStream<Uint8Array>
  private readonly options: Options
  private readonly waiting = new Set<() => void>()
  private readonly beat: ReturnType<typeof setInterval>
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined
  private stillBeats = 0
  private isOver = false

  constructor(options: Options) {
    this.options = options
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.controller = controller
        },
        pull: () => this.hasRoom(),
        cancel: () => this.over(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: roomBelowBytes }),
    )
    this.beat = setInterval(() => this.tick(), beatMs)
    this.beat.unref()
  }

  get hasEnded(): boolean {
    return this.isOver
  }

  /** Says where the reader is, before there is any event: from now on it can go on from there. */
  begin(position: number, retryMs: number): void {
    this.write(`retry: ${retryMs}\nid: ${position}\n\n`)
  }

  tell({ type, data, position }: SentEvent): void {
    const id = position === undefined ? '' : `id: ${position}\n`
    this.write(`${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  /** Resolves when little waits for the reader, or it is gone. */
  async drained(): Promise<void> {
    if (this.isOver || this.waitingBytes < roomBelowBytes) return
    await new Promise<void>((resolve) => this.waiting.add(resolve))
  }

  /** Ends it behind what was told. */
  end(): void {
    if (this.isOver) return
    this.controller?.close()
    this.over()
  }

  /** Ends it at once: the reader has to come back and go on where it was. */
  cut(): void {
    if (this.isOver) return
    this.over()
    this.options.hangUp()
  }

  private get waitingBytes(): number {
    return roomBelowBytes - (this.controller?.desiredSize ?? roomBelowBytes)
  }

  private write(text: string): void {
    if (this.isOver) return
    this.controller?.enqueue(new TextEncoder().encode(text))
    if (this.waitingBytes > maxWaitingBytes) this.cut()
  }

  private tick(): void {
    this.stillBeats = this.waitingBytes > 0 ? this.stillBeats + 1 : 0
    if (this.stillBeats >= mostStillBeats) this.cut()
    else if (this.stillBeats === 0) this.write(': here\n\n')
  }

  private hasRoom(): void {
    this.stillBeats = 0
    for (const go of this.waiting) go()
    this.waiting.clear()
  }

  private over(): void {
    if (this.isOver) return
    this.isOver = true
    clearInterval(this.beat)
    this.hasRoom()
    this.options.onEnd()
  }
}
