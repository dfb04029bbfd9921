// The town that stories are told in: agents arrive, time passes, the server restarts. A driver makes it real.

import type { RefusalCode } from '../../src/protocol/errors.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { Actor } from './actor.ts'
import type { Ears } from './ears.ts'
import { type KeyPair, keyPairOf } from './identity.ts'

export interface LoginOptions {
  /** v1 when absent. */
  readonly version?: 'v0' | 'v1'
  readonly brief?: boolean
  /** Id of the token to log in with, of the agent with these keys; only in the pure core. */
  readonly token?: string
  /** Hold back messages until RESUME has brought what was missed; only where there is a real edge. */
  readonly resume?: boolean
}

/** Who logs in: by name alone, or with a key. */
export interface Login extends LoginOptions {
  readonly name: string
  readonly keys: KeyPair | undefined
}

/** One live connection of an identified agent. */
export interface Line {
  readonly welcome: Heard<'WELCOME'>
  readonly ears: Ears
  /** Sends the text of one frame. */
  send(text: string): void
  /** Ends the connection; resolves when the server has noticed. */
  hangUp(): Promise<void>
}

/** What a driver has to be able to do. */
export interface Driver {
  /** Name of the server. */
  readonly server: string
  /** Its raw public key, base64url. */
  readonly serverKey: string
  now(): number
  /** Logs in. @throws Refused when turned away */
  open(login: Login): Promise<Line>
  /** Resolves when everything that was sent before has been processed and heard. */
  settle(): Promise<void>
  /** Moves the clock, and has what is due happen. */
  advance(ms: number): Promise<void>
  /** Stops and starts again with what was kept; every connection ends. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** An ERROR that nobody expected. */
export class Refused extends Error {
  readonly frame: Heard<'ERROR'>

  constructor(asked: string, frame: Heard<'ERROR'>) {
    super(`${asked} was refused: ${frame.code} ${frame.message}`)
    this.frame = frame
  }
}

export class Town<D extends Driver = Driver> {
  readonly driver: D
  readonly clock: { now(): number; advance(ms: number): Promise<void> }

  constructor(driver: D) {
    this.driver = driver
    this.clock = { now: () => driver.now(), advance: (ms) => driver.advance(ms) }
  }

  /** An agent without a key, logged in. */
  agent(name: string, options: LoginOptions = {}): Promise<Actor> {
    return this.open({ name, keys: undefined, ...options })
  }

  /** An agent with a key, always the same for a name, logged in. */
  keyed(name: string, options: LoginOptions = {}): Promise<Actor> {
    return this.open({ name, keys: keyPairOf(name), ...options })
  }

  /** Several agents without a key, logged in. */
  agents<const N extends readonly string[]>(...names: N): Promise<{ [K in keyof N]: Actor }> {
    // One Actor for each name, in the same order.
    return inTurn(names, (name) => this.agent(name)) as Promise<{ [K in keyof N]: Actor }>
  }

  async open(login: Login): Promise<Actor> {
    return new Actor(this, login, await this.driver.open(login))
  }

  /** A login that must fail. */
  async turnsAway(code: RefusalCode, login: Login): Promise<Heard<'ERROR'>> {
    try {
      await this.driver.open(login)
    } catch (failure) {
      if (failure instanceof Refused && failure.frame.code === code) return failure.frame
      throw failure
    }
    throw new Error(`The login as ${login.name} was let in, and ${code} was expected.`)
  }

  settle(): Promise<void> {
    return this.driver.settle()
  }

  restart(): Promise<void> {
    return this.driver.restart()
  }

  close(): Promise<void> {
    return this.driver.close()
  }
}

/** One after the other, for the order of logins is part of a story. */
async function inTurn<T, R>(list: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (const item of list) done.push(await work(item))
  return done
}
