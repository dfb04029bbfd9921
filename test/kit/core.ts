// The core driver: the pure core with a list for a log. Whatever is not stored must change nothing.

import { createHash } from 'node:crypto'
import type { Outcome } from '../../src/core/context.ts'
import type { Draft, Entry, SessionId } from '../../src/core/entry.ts'
import { consult, execute } from '../../src/core/execute.ts'
import { findAgent } from '../../src/core/naming.ts'
import { conversationOf, placeOf } from '../../src/core/places.ts'
import { freeze, thaw } from '../../src/core/snapshot.ts'
import { noteDue } from '../../src/core/tick.ts'
import { readableStreams } from '../../src/core/unread.ts'
import { createWorld, type World } from '../../src/core/world.ts'
import { type Decoded, decode } from '../../src/protocol/decode.ts'
import { encode } from '../../src/protocol/encode.ts'
import { closes, Refusal } from '../../src/protocol/errors.ts'
import type { Heard, NoteFields, NoteType } from '../../src/protocol/frames.ts'
import { ephemeralId } from '../../src/protocol/names.ts'
import { legacyVerifyText, peerVerifyBytes } from '../../src/protocol/signing.ts'
import { Clock } from '../../src/server/clock.ts'
import { handClock } from './clock.ts'
import { Ears } from './ears.ts'
import { keyPairOf } from './identity.ts'
import { edgeOfProposal, isStep } from './proposals.ts'
import { Shelf } from './shelf.ts'
import { type Driver, type Line, type Login, Refused, Town } from './town.ts'

/** A town in the pure core. */
export async function coreTown(): Promise<Town<CoreDriver>> {
  return new Town(new CoreDriver())
}

interface Connection {
  readonly login: Login
  readonly ears: Ears
}

export class CoreDriver implements Driver {
  readonly server = 'core.test'
  readonly serverKey = keyPairOf('core.test').text
  world: World = createWorld()
  /** Every entry that was accepted, as it was executed, and what it came to. */
  readonly accepted: { readonly entry: Entry; readonly outcome: Outcome }[] = []
  readonly shelf = new Shelf()
  /** Who has to fund accepted proposals with an amount, as an operator would name it; undefined for nobody. */
  escrow: { readonly agent: string; readonly timeoutMs: number } | undefined
  private readonly hand = handClock()
  private readonly clock = new Clock(this.hand.now)
  private readonly connections = new Map<SessionId, Connection>()
  private opened = 0
  private snapshot: { readonly entries: number; readonly text: string } | undefined

  now(): number {
    return this.hand.now()
  }

  /** Every entry that was accepted, as it is stored. */
  get entries(): Entry[] {
    return this.accepted.map(({ entry: { ref: _, ...stored } }) => stored)
  }

  /** The world as text. */
  frozen(): string {
    return freeze(this.world)
  }

  async open(login: Login): Promise<Line> {
    this.opened += 1
    const session = `s${this.opened}`
    const ears = new Ears(0)
    this.connections.set(session, { login, ears })
    this.note('SESSION_OPENED', this.opening(session, login), session)
    const first = await ears.next(
      (frame) => frame.type === 'WELCOME' || frame.type === 'ERROR',
      'WELCOME',
    )
    if (first.type === 'ERROR') {
      this.connections.delete(session)
      throw new Refused(`The login as ${login.name}`, first)
    }
    return {
      welcome: first as Heard<'WELCOME'>, // the other of the two types
      ears,
      send: (text) => this.receive(session, text),
      hangUp: async () => this.hangUp(session, 'left'),
    }
  }

  async settle(): Promise<void> {}

  async advance(ms: number): Promise<void> {
    this.hand.advance(ms)
    noteDue(this.world, this.now(), (type, fields) => this.note(type, fields))
  }

  /** Moves the clock before anybody has noted what is due by then. */
  elapse(ms: number): void {
    this.hand.advance(ms)
  }

  /** Freezes the world; the next restart executes only the entries after it. */
  takeSnapshot(): void {
    this.snapshot = { entries: this.accepted.length, text: this.frozen() }
  }

  async restart(): Promise<void> {
    const before = this.frozen()
    this.world = this.snapshot ? thaw(this.snapshot.text) : createWorld()
    for (const entry of this.entries.slice(this.snapshot?.entries ?? 0)) {
      if (!execute(this.world, entry).accepted) {
        throw new Error(`Entry ${entry.position} was accepted once and is refused now.`)
      }
    }
    if (this.frozen() !== before) throw new Error('The world after the restart is another one.')
    for (const [session, { ears }] of this.connections) {
      ears.close(String(closes.RESTART.code))
      this.note('SESSION_CLOSED', { session })
    }
    this.connections.clear()
  }

  async close(): Promise<void> {}

  /** Appends what a node notes by itself. */
  note<T extends NoteType>(
    type: T,
    fields: NoteFields<T>,
    session: SessionId | null = null,
  ): Outcome {
    return this.submit({ type, session, fields: { ...fields }, now: this.clock.stamp() })
  }

  /** Executes a command as it stands in the log, delivers what it came to. */
  submit(draft: Draft): Outcome {
    const entry: Entry = { ...draft, position: this.world.position + 1 }
    const outcome = this.withoutTrace(draft, () => execute(this.world, entry))
    if (outcome.accepted) {
      this.accepted.push({ entry, outcome })
      if (outcome.kept) this.shelf.kept.push({ position: entry.position, ...outcome.kept })
    }
    this.deliver(outcome)
    return outcome
  }

  private receive(session: SessionId, text: string): void {
    const connection = this.connections.get(session)
    if (!connection) return
    const decoded = decode(text)
    if ('refusal' in decoded) {
      const { refusal, ref } = decoded
      const { code, message, more } = refusal
      connection.ears.hear(encode('ERROR', this.clock.stamp(), { code, message, ...more }, ref))
      return
    }
    const { type, ref, declaration } = decoded
    const fields = { ...decoded.fields, ...this.edgeFields(session, connection, decoded) }
    const draft = { type, session, fields, now: this.clock.stamp(), ...(ref && { ref }) }
    const heard = new Set(connection.ears.peekErrors())
    if (declaration.kind === 'command') this.submit(draft)
    else this.deliver(this.withoutTrace(draft, () => consult(this.world, draft)))
    for (const { code } of connection.ears.peekErrors().filter((frame) => !heard.has(frame))) {
      if (!mayRefuse(declaration, code)) throw new Error(`${type} does not declare ${code}.`)
    }
  }

  /** What is not stored must leave the world as it was, or a restart would come to another one. */
  private withoutTrace(draft: Draft, work: () => Outcome): Outcome {
    const before = this.frozen()
    const outcome = work()
    if (!outcome.accepted && this.frozen() !== before) {
      throw new Error(`${draft.type} was not accepted, and left a trace.`)
    }
    return outcome
  }

  private deliver({ told, reading }: Outcome): void {
    for (const { audience, text, closes: name } of told) {
      for (const session of audience) {
        const connection = this.connections.get(session)
        if (!connection) throw new Error(`${session} is not live, and was told ${text}`)
        connection.ears.hear(text)
        if (name) this.hangUp(session, `${closes[name].code}`)
      }
    }
    if (!reading) return
    const ears = this.connections.get(reading.session)?.ears
    for (const text of this.shelf.read(reading, this.clock.stamp())) ears?.hear(text)
  }

  private hangUp(session: SessionId, reason: string): void {
    const connection = this.connections.get(session)
    if (!connection) return
    connection.ears.close(reason)
    this.connections.delete(session)
    this.note('SESSION_CLOSED', { session })
  }

  private opening(session: SessionId, login: Login): NoteFields<'SESSION_OPENED'> {
    const { name, keys, version = 'v1', token } = login
    const brief = login.brief === true && version === 'v1'
    const bytes = createHash('sha256').update(session).digest().subarray(0, 16)
    const agent = keys ? keys.public.id : ephemeralId(bytes)
    return {
      session,
      agent,
      name,
      version,
      brief,
      server: this.server,
      ...(keys && { key: keys.text }),
      ...(token && { token }),
    }
  }

  /** What an edge would have found out about a frame. */
  private edgeFields(session: SessionId, { login }: Connection, { type, fields }: Decoded): object {
    const all: Readonly<Record<string, unknown>> = fields
    if (type === 'VERIFY_RESPONSE') return { genuine: this.isGenuine(login, all) }
    const { version = 'v1', keys } = login
    if (type === 'PROPOSAL' || isStep(type)) {
      const { escrow } = this
      const held = escrow && { agent: escrow.agent, timeout_ms: escrow.timeoutMs }
      return {
        ...(keys && edgeOfProposal(this, { keys, version }, { type, fields: all })),
        ...(type === 'ACCEPT' && held && { escrow: held }),
      }
    }
    if (type === 'CLAIM' || type === 'DECLINE') return this.foundOf(session, String(all.msg_id))
    if (type !== 'MSG') return {}
    return {
      ...(keys && all.sig !== undefined && { proof: { version, key: keys.text } }),
      ...this.parentOf(session, String(all.to), all.in_reply_to),
    }
  }

  private isGenuine(
    { keys, version }: Login,
    { request_id, nonce, sig }: Readonly<Record<string, unknown>>,
  ): boolean {
    const request = this.world.verifications.get(String(request_id))
    if (!keys || !request) return false
    const target = keys.public.id
    const bytes = { server: this.server, requester: request.from, target, nonce: String(nonce) }
    if (version === 'v0') return sig === keys.signText(legacyVerifyText(String(nonce)))
    return sig === keys.sign(peerVerifyBytes(bytes))
  }

  /** Where a message was said, if the agent can read it. */
  private foundOf(session: SessionId, id: string): object {
    const agent = this.world.agents.get(this.world.sessions.get(session)?.agent ?? '')
    const position = Number(/^m(\d+)$/.exec(id)?.[1])
    if (!agent || !(position > 0)) return {}
    const text = readableStreams(this.world, agent)
      .map((stream) => this.shelf.find(stream, position))
      .find((one) => one !== undefined)
    if (text === undefined) return {}
    const { from, to } = JSON.parse(text) as Heard<'MSG'> // kept by the core
    if (!to.startsWith('#')) {
      const peer = from === agent.id ? (findAgent(this.world, to)?.id ?? to) : agent.id
      return { found: { stream: conversationOf(from, peer) } }
    }
    return { found: { stream: placeOf(this.world, agent, to).stream } }
  }

  private parentOf(session: SessionId, to: string, replied: unknown): object {
    const agent = this.world.agents.get(this.world.sessions.get(session)?.agent ?? '')
    const position = /^m(\d+)$/.exec(String(replied))?.[1]
    if (!agent || position === undefined) return {}
    try {
      const text = this.shelf.find(placeOf(this.world, agent, to).stream, Number(position))
      if (text === undefined) return {}
      const parent = JSON.parse(text) as Heard<'MSG'> // kept by the core
      const { thread = parent.msg_id, depth = 0, from } = parent
      return { parent: { thread, depth, to: parent.to, from } }
    } catch (failure) {
      if (failure instanceof Refusal) return {}
      throw failure
    }
  }
}

/** Who must be identified, or have a key, is refused without it; everything else is declared. */
function mayRefuse({ from, refusals }: Decoded['declaration'], code: string): boolean {
  if (code === 'AUTH_REQUIRED') return from !== 'anyone'
  if (code === 'SCOPE_MISSING') return true
  return (code === 'SIGNATURE_REQUIRED' && from === 'key') || refusals.some((one) => one === code)
}
