// Who listens to what; and everything held back until there was time to begin listening.

import type { ConnectionState, Frame } from './options.ts'

/** Stands for every type of frame. */
export const everything = '*'

type Listener<T> = (value: T) => void

export class Listeners {
  private readonly byType = new Map<string, Set<Listener<Frame>>>()
  private readonly ofStates = new Set<Listener<ConnectionState>>()
  private held: (() => void)[] | undefined = []

  /** @returns what ends it */
  onFrame(type: string, listener: Listener<Frame>): () => void {
    const listeners = this.byType.get(type) ?? new Set()
    this.byType.set(type, listeners)
    return add(listeners, listener)
  }

  /** @returns what ends it */
  onState(listener: Listener<ConnectionState>): () => void {
    return add(this.ofStates, listener)
  }

  tellFrame(frame: Frame): void {
    this.tell(() => {
      call(this.byType.get(frame.type), frame)
      call(this.byType.get(everything), frame)
    })
  }

  tellState(state: ConnectionState): void {
    this.tell(() => call(this.ofStates, state))
  }

  /** Tells what was held back, and from now on everything at once. */
  release(): void {
    const held = this.held ?? []
    this.held = undefined
    for (const tell of held) tell()
  }

  private tell(tell: () => void): void {
    if (this.held) this.held.push(tell)
    else tell()
  }
}

/** A function that is added twice is called twice: each adding has its own end. */
function add<T>(listeners: Set<Listener<T>>, listener: Listener<T>): () => void {
  const own: Listener<T> = (value) => listener(value)
  listeners.add(own)
  return () => {
    listeners.delete(own)
  }
}

/** A listener that throws is loud, and does not keep the others from hearing. */
function call<T>(listeners: Iterable<Listener<T>> | undefined, value: T): void {
  for (const listener of [...(listeners ?? [])]) {
    try {
      listener(value)
    } catch (fault) {
      queueMicrotask(() => {
        throw fault
      })
    }
  }
}
