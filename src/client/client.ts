// The parts of a client joined: the line, what comes in, what goes out, and who is told.

import type { AnswerType, AskFields, AskType, Heard } from '../protocol/frames.ts'
import { isKept } from '../protocol/kept.ts'
import { Addresses } from './addresses.ts'
import { checkAgentCard, isOwnKey } from './agent-card.ts'
import { hearMissed, joinAgain } from './catching-up.ts'
import { composeProof } from './composing.ts'
import { ConnectionError } from './errors.ts'
import type { Signer } from './identity.ts'
import { Inbox, isKeptFrame } from './inbox.ts'
import { Line, type LineHears, type LineOptions } from './line.ts'
import { Listeners } from './listeners.ts'
import { isLasting, type Login } from './login.ts'
import type { Frame, WaitOptions } from './options.ts'
import { Outbox } from './outbox.ts'
import { checkChain } from './proposal-chain.ts'
import { Readers } from './reader.ts'
import { isFinal } from './reconnecting.ts'
import { ofType } from './requests.ts'
import { refuseSecrets } from './secrets.ts'
import { Standing } from './standing.ts'

/** How often a frame is sent that is lost again and again with its connection. */
const mostSendings = 5

export class Client {
  readonly standing = new Standing()
  readonly addresses = new Addresses()
  readonly listeners = new Listeners()
  readonly readers = new Readers()
  readonly inbox = new Inbox()
  private readonly outbox: Outbox
  readonly line: Line
  /** Called once, with the cause, when there will be no other connection. */
  readonly endings = new Set<(cause: unknown) => void>()
  private readonly options: LineOptions
  private isNew = true
  /** Where to go on hearing what was missed; undefined when nothing is to be told from history. */
  private missed: { readonly after: number | undefined } | undefined

  constructor(options: LineOptions) {
    this.options = options
    this.line = new Line(options, this.hears())
    this.outbox = new Outbox((sealed) => this.line.ask(sealed, {}))
  }

  get signer(): Signer | undefined {
    return this.options.signer
  }

  /** Whether it speaks by a token: then it cannot sign. */
  get hasToken(): boolean {
    return this.options.token !== undefined
  }

  private get isLasting(): boolean {
    return isLasting(this.options)
  }

  /**
   * The first connection. What comes on it is held back for one turn of the event loop, or until
   * something asked is answered, so that whoever waited for the connection can begin to listen.
   *
   * @param resume true for what came after the cursor, a number for what came after that position
   */
  async open(resume: boolean | number): Promise<void> {
    if (resume !== false) this.missed = { after: resume === true ? undefined : resume }
    await this.line.open(this.missed !== undefined)
    setTimeout(() => this.listeners.release(), 0)
  }

  /** @throws SecretError when a text seems to give a secret away, unless that was allowed */
  refuseSecrets(...texts: readonly string[]): void {
    if (!this.options.allowSecrets) refuseSecrets(texts)
  }

  /** @throws RefusedError @throws ConnectionError @throws IdentityError when a WHOIS is answered with a lie */
  async request<T extends AskType>(
    type: T,
    fields: AskFields<T>,
    { signal, timeoutMs = this.options.timeoutMs }: WaitOptions,
  ): Promise<Heard<AnswerType<T>>> {
    this.refuseSecrets(...textsIn(fields))
    const sealed = this.line.requests.seal(type, fields)
    const answer = await this.afterwards(this.line.request(sealed, { signal, timeoutMs }))
    if (type === 'WHOIS' && 'agent' in fields) {
      checkAgentCard(ofType(answer, 'AGENT'), String(fields.agent))
    }
    return answer as Frame & Heard<AnswerType<T>> // by its ref; a server that lies here lies to itself
  }

  /**
   * As `request`, for frames that a server knows again: what is lost with its connection is sent again, the same
   * bytes, on the next one. The bounds are for all of it together.
   *
   * @throws ConnectionError `lost` when that does not help
   */
  async persist<T extends AskType>(
    type: T,
    fields: AskFields<T>,
    { signal, timeoutMs = this.options.timeoutMs }: WaitOptions,
  ): Promise<Frame> {
    const { line } = this
    const sealed = line.requests.seal(type, fields)
    const until = performance.now() + timeoutMs
    for (let sending = 1; ; sending++) {
      try {
        const bounds = { signal, timeoutMs: until - performance.now() }
        return await this.afterwards(line.request(sealed, bounds))
      } catch (failure) {
        const isLost = failure instanceof ConnectionError && failure.reason === 'lost'
        if (!isLost || sending === mostSendings || line.cause !== undefined) throw failure
      }
    }
  }

  /**
   * A target as the server calls it, for what is signed names it so.
   *
   * @throws RangeError when it is neither a channel nor an agent; and as `request` when a name is looked up
   */
  async addressOf(to: string, bounds: WaitOptions): Promise<string> {
    if (to.startsWith('#')) return this.standing.channelNamed(to)
    if (!to.startsWith('@')) throw new RangeError('A target begins with # (channel) or @ (agent).')
    if (!this.signer) return to
    const whois = () => this.request('WHOIS', { agent: to }, bounds)
    return this.addresses.idOf(to, async () => (await whois()).id)
  }

  /** Sends a message, signed already if it is to be. */
  post(fields: AskFields<'MSG'>, signal: AbortSignal | undefined): Promise<Heard<'SENT'>> {
    return this.afterwards(this.outbox.post(this.line.requests.seal('MSG', fields), signal))
  }

  /** An answer is heard after what came before it, also when that was still held back. */
  private async afterwards<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } finally {
      this.listeners.release()
    }
  }

  private hears(): LineHears {
    return {
      welcomed: (login) => this.welcomed(login),
      frame: (frame) => this.hear(frame),
      settle: (connection) => this.settle(connection),
      ready: (connection) => this.ready(connection),
      lost: () => this.outbox.shut(this.isLasting),
      state: (state) => this.listeners.tellState(state),
      ended: (cause) => this.ended(cause),
    }
  }

  private welcomed(login: Login): void {
    const { position, cursor, caps } = login.welcome
    this.standing.welcomed(login, !this.isNew && !this.isLasting)
    this.addresses.clear()
    this.inbox.start(position)
    // A token may permit to send only: then nothing is heard, and nothing missed.
    const mayResume = this.isLasting && caps?.includes('RESUME') !== false
    if (!this.isNew) this.missed = mayResume ? { after: this.inbox.position } : undefined
    if (!this.missed) return
    const after = Math.min(this.missed.after ?? cursor ?? position, position)
    this.missed = { after }
    this.inbox.beginResume(after)
  }

  private hear(frame: Frame): void {
    this.standing.hear(frame)
    this.addresses.hear(frame)
    if (isKept(frame.type) && !(isKeptFrame(frame) && this.inbox.accept(frame))) return
    if (frame.type === 'VERIFY_SUCCESS' && !isOwnKey(frame)) return
    if (frame.type === 'PROPOSAL' && !this.isAsSigned(frame)) return
    if (frame.type === 'VERIFY_REQUEST') this.prove(frame)
    this.listeners.tellFrame(frame)
  }

  /** Whoever hears of a proposal may accept it: what it says must be what was signed under its id. */
  private isAsSigned(proposal: Frame): boolean {
    return !('fault' in checkChain([proposal], this.standing))
  }

  private prove(request: Frame): void {
    const { signer } = this
    const proof = signer && composeProof(request, signer, this.standing.serverName)
    if (!proof) return
    // Who asked hears from the server how it went, also when it is too late for an answer.
    this.request('VERIFY_RESPONSE', proof, {}).catch(() => {})
  }

  /** An agent with neither a key nor a token is a new one on each connection, and in no channel. */
  private async settle(connection: AbortSignal): Promise<void> {
    if (this.isNew || this.isLasting) return
    this.inbox.gather()
    const ask = (fields: AskFields<'JOIN'>) => this.askNow('JOIN', fields)
    const closed = await joinAgain(ask, this.standing.channels, connection)
    for (const channel of closed) this.standing.leave(channel)
    for (const event of this.inbox.takeGathered()) this.listeners.tellFrame(event)
  }

  private ready(connection: AbortSignal): void {
    this.listeners.tellState({ state: 'connected' })
    void this.outbox.open(connection)
    if (this.missed) void this.catchUp(this.missed.after, connection)
    else if (!this.isNew) this.resumed()
    this.isNew = false
  }

  private async catchUp(after: number | undefined, connection: AbortSignal): Promise<void> {
    const { inbox, readers } = this
    const ask = (fields: AskFields<'RESUME'>) => this.askNow('RESUME', fields)
    let forgotten: number | undefined
    try {
      forgotten = await hearMissed(ask, { after, inbox, readers, connection })
    } catch (failure) {
      if (connection.aborted) return
      if (isFinal(failure)) this.line.fail(failure)
      else this.line.hangUp()
      return
    }
    this.resumed(forgotten)
  }

  private resumed(forgotten?: number): void {
    const { position } = this.inbox
    const lost = forgotten === undefined ? {} : { forgotten }
    this.listeners.tellState({ state: 'resumed', position, ...lost })
  }

  private askNow<T extends AskType>(type: T, fields: AskFields<T>): Promise<Frame> {
    const { timeoutMs } = this.options
    return this.line.ask(this.line.requests.seal(type, fields), { timeoutMs })
  }

  private ended(cause: unknown): void {
    this.listeners.release()
    this.outbox.end(cause)
    for (const end of [...this.endings]) end(cause)
    this.readers.end()
  }
}

/** What others will read of a frame as it was written. */
const written: readonly string[] = ['content', 'reason', 'status_text', 'topic', 'task', 'label']

function textsIn(fields: object): string[] {
  return Object.entries(fields).flatMap(([name, text]) =>
    written.includes(name) && typeof text === 'string' ? [text] : [],
  )
}
