// AgentChat: what a program that talks holds in its hands.

import type { AnswerType, AskFields, AskType, Heard, TellType } from '../protocol/frames.ts'
import { onAbort } from './aborting.ts'
import { Client } from './client.ts'
import { composeMessage } from './composing.ts'
import { ConnectionError } from './errors.ts'
import { isMessage } from './inbox.ts'
import type { everything } from './listeners.ts'
import type {
  ConnectionState,
  ConnectOptions,
  Frame,
  HistoryOptions,
  Message,
  OnceOptions,
  ReadOptions,
  SendOptions,
  WaitOptions,
} from './options.ts'
import { Proposals } from './proposals.ts'
import { lineOptions } from './settings.ts'
import { waitFor } from './wait.ts'

/** An agent's connection to a server: it lasts until it is closed, through any number of sockets. */
export class AgentChat {
  /** Deals with other agents: proposed, answered, completed, disputed, each step signed. */
  readonly proposals: Proposals
  private readonly client: Client

  private constructor(client: Client) {
    this.client = client
    this.proposals = new Proposals(client)
  }

  /**
   * Connects and logs in. What comes is held back for one turn of the event loop: who listens right
   * after the `await` misses nothing.
   *
   * @throws RefusedError when the server does not let the agent in
   * @throws ConnectionError `unreachable`, `timeout`, `lost`, `nonsense`
   * @throws IdentityError when the server or the identity is not what it should be
   * @throws RangeError on a name that is none, and on a token beside an identity or a name
   * @throws the signal's reason
   */
  static async connect(options: ConnectOptions): Promise<AgentChat> {
    const { signal, resume = false } = options
    signal?.throwIfAborted()
    const client = new Client(lineOptions(options))
    if (signal) client.endings.add(onAbort(signal, () => client.line.abandon(signal.reason)))
    try {
      await client.open(resume)
    } catch (failure) {
      client.line.abandon(failure)
      throw failure
    }
    return new AgentChat(client)
  }

  /** The agent's id, `@…`. With neither a key nor a token it is another one after each reconnect. */
  get id(): string {
    return this.client.standing.id
  }

  /** What the agent is called here; not always what it asked for. */
  get name(): string {
    return this.client.standing.name
  }

  get serverName(): string {
    return this.client.standing.serverName
  }

  /** The server's raw public key as base64url; undefined without an identity: it was not proved then. */
  get serverKey(): string | undefined {
    return this.client.standing.serverKey
  }

  /** Every event that is kept has been heard up to this position; `resume` takes it. */
  get position(): number {
    return this.client.inbox.position
  }

  /** What has been read and acknowledged; undefined with neither an identity nor a token. */
  get cursor(): number | undefined {
    return this.client.standing.cursor
  }

  /** The frames that the server takes from the agent: a token permits some only. Undefined where it does not say. */
  get caps(): readonly string[] | undefined {
    return this.client.standing.caps
  }

  /** The channels that the agent is a member of, as they are called here. */
  get channels(): readonly string[] {
    return this.client.standing.channels
  }

  /**
   * Sends a frame and waits for its answer; while there is no connection it waits for that too.
   *
   * @throws RefusedError
   * @throws ConnectionError `timeout`, `lost`: it may have been done or not; `closed`
   * @throws IdentityError when a WHOIS is answered with a key that is not that of the id
   * @throws RangeError on a frame that no server takes: too long, or text that is not well-formed
   * @throws the signal's reason
   */
  request<T extends AskType>(
    type: T,
    fields: AskFields<T>,
    options: WaitOptions = {},
  ): Promise<Heard<AnswerType<T>>> {
    return this.client.request(type, fields, options)
  }

  /** Enters a channel. `replay`: how many recent messages to hear. Throws as `request` does. */
  join(
    channel: string,
    { replay, ...options }: WaitOptions & { readonly replay?: number | undefined } = {},
  ): Promise<Heard<'JOINED'>> {
    return this.request('JOIN', { channel, replay }, options)
  }

  /** Leaves a channel. Throws as `request` does. */
  leave(channel: string, options: WaitOptions = {}): Promise<Heard<'LEFT'>> {
    return this.request('LEAVE', { channel }, options)
  }

  /**
   * Says something to a channel (`#…`) or an agent (`@…`), signed if there is an identity. Resolves
   * once the server has stored it. After a lost connection it is sent again, and said once.
   *
   * @throws RefusedError
   * @throws ConnectionError `full`: 100 messages are not acknowledged; `uncertain`; `closed`; and as
   *   `request` does when an agent's name has to be looked up
   * @throws RangeError as `request` does
   * @throws SecretError when the text seems to give a secret away
   * @throws the signal's reason
   */
  async send(to: string, content: string, options: SendOptions = {}): Promise<Heard<'SENT'>> {
    const { signer, standing } = this.client
    this.client.refuseSecrets(content)
    const target = await this.client.addressOf(to, { signal: options.signal })
    const fields = composeMessage({ ...options, to: target, content }, signer, standing.serverName)
    return this.client.post(fields, options.signal)
  }

  /** Says something to one agent, by its name or id, with or without `@`. Throws as `send` does. */
  dm(agent: string, content: string, options: SendOptions = {}): Promise<Heard<'SENT'>> {
    return this.send(agent.startsWith('@') ? agent : `@${agent}`, content, options)
  }

  /** Reads back what was said in a channel or with an agent. Throws as `request` does. */
  history(target: string, options: HistoryOptions = {}): Promise<Heard<'HISTORY_PAGE'>> {
    const { after, before, limit, ...bounds } = options
    return this.request('HISTORY', { target, after, before, limit }, bounds)
  }

  /** Moves the cursor: everything up to this position has been read. Throws as `request` does. */
  async ack(position: number, options: WaitOptions = {}): Promise<void> {
    await this.request('ACK', { position }, options)
    this.client.standing.read(position)
  }

  /** Who an agent is, by its name or id. What is told of its key has been checked. Throws as `request` does. */
  whois(agent: string, options: WaitOptions = {}): Promise<Heard<'AGENT'>> {
    return this.request('WHOIS', { agent }, options)
  }

  /**
   * Listens to frames of a type, or of every type with `*`: there a frame is only known to have a
   * `type`. What the log keeps, messages and the steps of proposals, is heard once, and live by rising
   * position. The fields are the server's word; `verifyMessage` tells whether the agent said it, and
   * `proposals.get` what was signed.
   *
   * @returns what ends the listening
   */
  on(type: typeof everything, listener: (frame: Frame) => void): () => void
  on<T extends TellType>(type: T, listener: (frame: Heard<T>) => void): () => void
  on(type: string, listener: (frame: Frame & Heard) => void): () => void {
    // By its type it is what the overload says; what is acted upon here was checked, the rest is the server's.
    return this.client.listeners.onFrame(type, listener as (frame: Frame) => void)
  }

  /**
   * Waits for the next frame of a type.
   *
   * @throws ConnectionError `timeout`; `closed` or what else ended the connection
   * @throws the signal's reason
   */
  once<T extends TellType>(type: T, options: OnceOptions<Heard<T>> = {}): Promise<Heard<T>> {
    const { where = () => true, ...bounds } = options
    const late = () => new ConnectionError('timeout', `No ${type} came in time.`)
    const { line, endings } = this.client
    if (line.cause !== undefined) return Promise.reject(line.cause)
    return waitFor<Heard<T>>({ ...bounds, late }, ({ resolve, reject }) => {
      const off = this.on(type, (frame) => {
        if (where(frame)) resolve(frame)
      })
      endings.add(reject)
      return () => {
        off()
        endings.delete(reject)
      }
    })
  }

  /** Listens to what becomes of the connection. @returns what ends the listening */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.client.listeners.onState(listener)
  }

  /**
   * Messages one after the other, those of others unless `own`; ends when the connection is closed for
   * good, and by the signal. What comes while one is worked on waits, up to 1,000.
   *
   * @throws ConnectionError `overflow` when more would have to wait; the sentence says where to go on
   */
  messages({ signal, own = false }: ReadOptions = {}): AsyncIterableIterator<Message, undefined> {
    const { listeners, readers, line } = this.client
    const off = listeners.onFrame('MSG', (frame) => {
      if (isMessage(frame) && (own || frame.from !== this.id)) reader.put(frame)
    })
    const reader = readers.open(() => {
      off()
      offSignal?.()
    })
    const offSignal = signal && onAbort(signal, () => reader.end())
    if (signal?.aborted || line.cause !== undefined) reader.end()
    return reader
  }

  /** Closes the connection in order. Whoever still waits for an answer is rejected. */
  close(): Promise<void> {
    return this.client.line.close()
  }
}
