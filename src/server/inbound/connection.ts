// One WebSocket connection: its frames in order, from bytes to the log.

import type { WebSocket } from 'ws'
import type { Outcome } from '../../core/context.ts'
import { holderOf, permits } from '../../core/token-store.ts'
import type { Log } from '../../log/port.ts'
import { type Decoded, decode } from '../../protocol/decode.ts'
import { encode } from '../../protocol/encode.ts'
import { Refusal, refuse } from '../../protocol/errors.ts'
import { foldChannel } from '../../protocol/names.ts'
import type { Clock } from '../clock.ts'
import type { Node } from '../node.ts'
import type { Outlet } from '../outbound/outlet.ts'
import type { Report } from '../report.ts'
import { type ConnectionBuckets, type Guard, tooFast } from './guard.ts'
import { Handshake, type HandshakeOptions, type LoginStep } from './handshake.ts'
import type { Escrow } from './preparation.ts'
import { preparation } from './prepare.ts'

export interface ConnectionParts {
  readonly node: Node
  readonly log: Log<Outcome>
  readonly guard: Guard
  readonly clock: Clock
  readonly report: Report
  readonly login: Omit<HandshakeOptions, 'holderOf'>
  readonly escrow: Escrow | undefined
}

export interface ConnectionOptions {
  readonly id: string
  readonly ws: WebSocket
  readonly outlet: Outlet
  /** Undefined for connections from this machine. */
  readonly address: string | undefined
}

/** Frames that may wait behind one that is being verified, before the socket is no longer read. */
const maxWaitingFrames = 64
/** What a bad signature counts, when a refusal for haste or for a bad frame counts one. */
const strikesPerBadSignature = 10

export class Connection {
  readonly id: string
  readonly openedAt = performance.now()
  private readonly parts: ConnectionParts
  private readonly options: ConnectionOptions
  private readonly handshake: Handshake
  private readonly buckets: ConnectionBuckets
  private readonly waiting: Buffer[] = []
  private busy = false
  private isClosed = false
  private hasOpened = false

  constructor(parts: ConnectionParts, options: ConnectionOptions) {
    this.id = options.id
    this.parts = parts
    this.options = options
    this.handshake = new Handshake({
      ...parts.login,
      holderOf: (hash, now) => holderOf(parts.node.world, hash, now),
    })
    this.buckets = parts.guard.connection(performance.now())
  }

  get isIdentified(): boolean {
    return this.parts.node.world.sessions.has(this.id)
  }

  /** Takes a frame as it came. Frames wait in order behind one that takes time. */
  receive(data: Buffer): void {
    if (!this.busy) {
      this.work(data)
      return
    }
    this.waiting.push(data)
    if (this.waiting.length >= maxWaitingFrames) this.options.ws.pause()
  }

  /** The socket is gone. */
  closed(): void {
    this.isClosed = true
    this.waiting.length = 0
    // A log may order first and execute later: what matters is what was asked, not what is done already.
    if (this.hasOpened) this.parts.node.note('SESSION_CLOSED', { session: this.id })
  }

  private work(data: Buffer): void {
    const { ws } = this.options
    // Whoever is being shown out is listened to no more.
    if (this.isClosed || ws.readyState !== ws.OPEN) return
    try {
      const work = this.handle(data)
      if (!work) return
      this.busy = true
      work.catch((fault: unknown) => this.fail(fault)).finally(() => this.goOn())
    } catch (fault) {
      this.fail(fault)
    }
  }

  /** A fault of ours costs one connection, not the server. */
  private fail(fault: unknown): void {
    this.parts.report('fault', { type: 'frame', stack: String(fault) })
    this.options.outlet.close('FAULT')
  }

  private goOn(): void {
    this.busy = false
    while (!this.busy) {
      const next = this.waiting.shift()
      if (!next) break
      this.work(next)
    }
    if (this.options.ws.isPaused && this.waiting.length === 0) this.options.ws.resume()
  }

  /** @returns a promise only when the frame has to wait for something */
  private handle(data: Buffer): Promise<void> | undefined {
    const now = performance.now()
    const tooMany = this.buckets.bytes.take(data.length, now)
    const frame = decode(data.toString('utf8'))
    if ('refusal' in frame) return this.refuse('', frame.ref, frame.refusal)
    const wait = tooMany || this.pay(frame, now)
    if (wait > 0) return this.refuse(frame.type, frame.ref, tooFast(wait))
    if (frame.type === 'IDENTIFY' || frame.type === 'VERIFY_IDENTITY') return this.logIn(frame)
    const prepare = preparation(frame.type, frame.fields)
    if (prepare) return this.prepare(frame, prepare)
    this.dispatch(frame, frame.fields)
    return undefined
  }

  private pay(frame: Decoded, now: number): number {
    const { bucket, tokens } = frame.declaration.price
    if (bucket === 'requests') return this.buckets.requests.take(tokens, now)
    const agent = this.agent
    const isAddressed = frame.type === 'MSG' || frame.type === 'PROPOSAL'
    const to = isAddressed ? frame.fields.to : ''
    const channel = to.startsWith('#') ? foldChannel(to) : undefined
    const speaks = channel !== undefined && agent?.channels.has(channel)
    const { address } = this.options
    const sender = { owner: agent?.id ?? this.id, address, channel: speaks ? channel : undefined }
    return this.parts.guard.admitMessage(sender, now)
  }

  private dispatch(frame: Decoded, fields: object): void {
    const asked = { type: frame.type, session: this.id, ref: frame.ref, fields }
    if (frame.declaration.kind === 'command') this.parts.node.submit(asked)
    else this.parts.node.consult(asked)
  }

  private async prepare(
    frame: Decoded,
    prepare: NonNullable<ReturnType<typeof preparation>>,
  ): Promise<void> {
    const { node, log, clock, login, escrow } = this.parts
    const session = node.world.sessions.get(this.id)
    const agent = this.agent
    if (!session || !agent)
      return this.refuse(
        frame.type,
        frame.ref,
        new Refusal('AUTH_REQUIRED', 'Say who you are first: IDENTIFY.', {}),
      )
    // Whoever has no key, or only a token, is refused by the core, whatever the frame is signed with.
    const isKeyless = frame.declaration.from === 'key' && agent.key === undefined
    if (isKeyless || !permits(node.world, session, frame.declaration)) {
      return this.dispatch(frame, frame.fields)
    }
    const { version } = session
    const { server, key } = login
    const by = { agent, version, server, serverKey: key.publicKey }
    const on = { ...by, world: node.world, log, escrow, now: clock.now() }
    await this.orRefuse(frame, async () => {
      const found = await prepare(on)
      this.dispatch(frame, { ...frame.fields, ...found })
    })
  }

  private async logIn(frame: Decoded<'IDENTIFY' | 'VERIFY_IDENTITY'>): Promise<void> {
    await this.orRefuse(frame, async () => {
      if (this.isIdentified) refuse('INVALID_MSG', 'You have said who you are already.')
      const now = this.parts.clock.now()
      const step =
        frame.type === 'IDENTIFY'
          ? this.handshake.identify(frame.fields, now)
          : await this.handshake.prove(frame.fields, now)
      this.step(step, frame.ref)
    })
  }

  private step(step: LoginStep, ref: string | undefined): void {
    // Whoever hung up while the proof was checked must not become present.
    if (this.isClosed) return
    if ('challenge' in step) {
      const text = encode('CHALLENGE', this.parts.clock.stamp(), step.challenge, ref)
      this.parts.node.pass({ accepted: false, told: [{ audience: [this.id], text }] })
      return
    }
    this.options.outlet.withholding = step.resume
    const by = ref === undefined ? { session: this.id } : { session: this.id, ref }
    this.hasOpened = true
    this.parts.node.note('SESSION_OPENED', { ...step.opening, session: this.id }, by)
  }

  private async orRefuse(frame: Decoded, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (failure) {
      if (!(failure instanceof Refusal)) throw failure
      this.refuse(frame.type, frame.ref, failure)
    }
  }

  private refuse(type: string, ref: string | undefined, refusal: Refusal): undefined {
    const strikes = refusal.code === 'VERIFICATION_FAILED' ? strikesPerBadSignature : 1
    if (this.buckets.strikes.take(strikes, performance.now()) > 0) {
      this.showOut(ref, refusal)
      return undefined
    }
    this.parts.node.refuse({ type, session: this.id, ref, fields: {} }, refusal)
    return undefined
  }

  /** The last answer closes the connection, behind all that it was told before. */
  private showOut(ref: string | undefined, { code, message, more }: Refusal): void {
    this.isClosed = true
    this.parts.report('flood-closed', { code })
    const text = encode('ERROR', this.parts.clock.stamp(), { code, message, ...more }, ref)
    const closes = code === 'INVALID_MSG' ? 'BAD_FRAMES' : 'FLOOD'
    this.parts.node.pass({ accepted: false, told: [{ audience: [this.id], text, closes }] })
  }

  private get agent() {
    const { world } = this.parts.node
    return world.agents.get(world.sessions.get(this.id)?.agent ?? '')
  }
}
