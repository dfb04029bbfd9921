// An agent in a story: what it says, hears, and is refused.

import type { RefusalCode } from '../../src/protocol/errors.ts'
import type {
  AnswerType,
  AskFields,
  AskType,
  Heard,
  TellFields,
  TellType,
} from '../../src/protocol/frames.ts'
import type { StepType } from '../../src/protocol/proposal-steps.ts'
import { type Signer, signMessage, signPeerNonce } from './identity.ts'
import { type Standing, signProposal, signStep } from './proposals.ts'
import { type Line, type Login, type LoginOptions, Refused, type Town } from './town.ts'

/** Fields as clients write them: null is the same as absent. */
type Written<T extends AskType> = {
  [K in keyof AskFields<T>]: undefined extends AskFields<T>[K]
    ? AskFields<T>[K] | null
    : AskFields<T>[K]
}
type Message = Omit<Written<'MSG'>, 'to' | 'content'>
/** What a proposal says beside whom and what. */
type Offered = Omit<Written<'PROPOSAL'>, 'to' | 'task' | 'sig'>

export class Actor {
  readonly id: string
  readonly name: string
  readonly session: string
  readonly welcome: Heard<'WELCOME'>
  private readonly town: Town
  private readonly login: Login
  private readonly line: Line
  private sent = 0

  constructor(town: Town, login: Login, line: Line) {
    this.town = town
    this.login = login
    this.line = line
    this.welcome = line.welcome
    this.id = line.welcome.agent_id
    this.name = line.welcome.name
    this.session = line.welcome.session
  }

  /** True once the connection has ended. */
  get isGone(): boolean {
    return this.line.ears.closed !== undefined
  }

  /** Sends a frame as it is, and waits for nothing. */
  sends(frame: object | string): void {
    this.line.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** Sends a frame with a `ref`, and takes its answer, whatever it is. */
  tries<T extends AskType>(type: T, fields: Written<T>): Promise<Heard> {
    this.sent += 1
    const ref = `r${this.sent}`
    this.sends({ type, ref, ...this.signed(type, fields) })
    return this.line.ears.next((frame) => frame.ref === ref, `the answer to ${type}`)
  }

  /** Sends a frame with a `ref`, and takes its answer. @throws Refused */
  async asks<T extends AskType>(type: T, fields: Written<T>): Promise<Heard<AnswerType<T>>> {
    const answer = await this.tries(type, fields)
    if (answer.type === 'ERROR') throw new Refused(type, answer)
    return typed<AnswerType<T>>(answer)
  }

  /** Sends a frame that must be refused with this code; without one, hears the ERROR of a frame without `ref`. */
  async refused<T extends AskType>(
    code: RefusalCode,
    type?: T,
    fields?: Written<T>,
  ): Promise<Heard<'ERROR'>> {
    const answer =
      type === undefined || fields === undefined
        ? await this.heard('ERROR')
        : await this.tries(type, fields)
    if (answer.type === 'ERROR' && answer.code === code) return answer
    throw new Error(`${code} was expected, and came ${JSON.stringify(answer).slice(0, 500)}`)
  }

  join(channel: string, fields: Omit<Written<'JOIN'>, 'channel'> = {}): Promise<Heard<'JOINED'>> {
    return this.asks('JOIN', { channel, ...fields })
  }

  creates(
    channel: string,
    fields: Omit<Written<'CREATE_CHANNEL'>, 'channel'> = {},
  ): Promise<Heard<'JOINED'>> {
    return this.asks('CREATE_CHANNEL', { channel, ...fields })
  }

  /** Says something to a channel, or to an agent by its id or as an actor. */
  says(to: string | Actor, content: string, fields: Message = {}): Promise<Heard<'SENT'>> {
    const target = typeof to === 'string' ? to : to.id
    return this.asks('MSG', { to: target, content, ...fields })
  }

  /** Answers a message where it was said. */
  answers(to: Heard<'MSG'>, content: string, fields: Message = {}): Promise<Heard<'SENT'>> {
    const place = to.to.startsWith('#') ? to.to : to.from
    return this.says(place, content, { in_reply_to: to.msg_id, ...fields })
  }

  /** Proves its key to who asked for it. */
  proves({ request_id, from, nonce }: Heard<'VERIFY_REQUEST'>): Promise<Heard<'DONE'>> {
    const sig = signPeerNonce(this.signer(), { from, nonce })
    const v = this.login.version === 'v0' ? undefined : 1
    return this.asks('VERIFY_RESPONSE', { request_id, nonce, sig, v })
  }

  /** Takes the next frame of this type that was not taken yet. */
  async heard<T extends TellType>(type: T, match: Partial<TellFields<T>> = {}): Promise<Heard<T>> {
    const wanted = `${type} ${JSON.stringify(match)}`
    const frame = await this.line.ears.next((heard) => fits(heard, type, match), wanted)
    return typed<T>(frame)
  }

  /** Takes every frame that was not taken yet, of one type if one is named. */
  async heardSoFar<T extends TellType>(type?: T): Promise<Heard<T>[]> {
    await this.town.settle()
    return this.line.ears.takeAll(type).map((frame) => typed<T>(frame))
  }

  /** Nothing is left that was not taken, of one type if one is named. */
  async heardNothing(type?: TellType): Promise<void> {
    const frames = await this.heardSoFar(type)
    if (frames.length === 0) return
    const texts = frames.map((frame) => JSON.stringify(frame).slice(0, 300))
    throw new Error(`${this.name} was to hear nothing, and heard ${texts.join('\n')}`)
  }

  /** Waits until the server has ended the connection, and tells why. */
  ended(): Promise<string> {
    return this.line.ears.end()
  }

  /** Ends the connection. */
  leaves(): Promise<void> {
    return this.line.hangUp()
  }

  /** Logs in once more: another connection of the same agent, or another agent when it has no key. */
  again(options: LoginOptions = {}): Promise<Actor> {
    return this.town.open({ ...this.login, ...options })
  }

  /** What an agent with a key says is signed, unless `sig` is given; null is none. */
  private signed<T extends AskType>(type: T, fields: Written<T>): object {
    const { keys, token } = this.login
    if (type !== 'MSG' || !keys || token || 'sig' in fields) return fields
    const message = fields as unknown as Written<'MSG'> // its type was just looked at
    const cid = message.cid ?? `cid${this.session.replaceAll(/[^0-9A-Za-z]/g, '')}x${this.sent}`
    const padded = cid.slice(-32).padEnd(22, 'z')
    const { to, content, in_reply_to, expects } = message
    const proof = signMessage(this.signer(), { to, content, cid: padded, in_reply_to, expects })
    return { ...message, cid: padded, ...proof }
  }

  /** Makes a proposal to an agent, or an open offer in a channel, signed. */
  async proposes(
    to: string | Actor,
    task: string,
    fields: Offered = {},
  ): Promise<Heard<'PROPOSAL_STATE'>> {
    return this.asks('PROPOSAL', this.signedProposal(to, task, fields) as never)
  }

  /** The fields of a proposal, signed: what `asks`, `tries` and `refused` take. */
  signedProposal(to: string | Actor, task: string, fields: Offered = {}): object {
    this.sent += 1
    const target = typeof to === 'string' ? to : to.id
    const cid = fields.cid ?? `cid${this.session.replaceAll(/[^0-9A-Za-z]/g, '')}x${this.sent}`
    const frame = { ...fields, to: target, task }
    return signProposal(this.signer(), cid.slice(-32).padEnd(22, 'z'), frame)
  }

  /** Takes a step of a proposal, signed. @throws Refused */
  step<T extends StepType>(type: T, standing: Standing, fields: object = {}) {
    return this.asks(type, this.signedStep(type, standing, fields) as never)
  }

  /** The fields of a step, signed: what `asks`, `tries` and `refused` take. */
  signedStep(type: StepType, standing: Standing, fields: object = {}): object {
    return signStep(this.signer(), type, { standing, fields: { ...fields } })
  }

  private signer(): Signer {
    const { keys, version } = this.login
    if (!keys) throw new Error(`${this.name} has no key.`)
    const { driver } = this.town
    const { server, serverKey } = driver
    return { keys, version: version ?? 'v1', server, serverKey, now: driver.now() }
  }
}

function fits<T extends TellType>(frame: Heard, type: T, match: Partial<TellFields<T>>): boolean {
  if (frame.type !== type) return false
  return Object.entries(match).every(
    ([name, value]) => JSON.stringify(Reflect.get(frame, name)) === JSON.stringify(value),
  )
}

/** A frame of a type that was looked at before; the compiler does not follow it there. */
function typed<T extends TellType>(frame: Heard): Heard<T> {
  return frame as unknown as Heard<T>
}
