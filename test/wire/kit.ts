// The wire as a stranger knows it: a server for one test, keys, and a client that only knows frames.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { type OptionName, resolveOptions } from '../../src/server/config.ts'
import type { Details, ReportName } from '../../src/server/report.ts'
import { type RunningServer, type Surroundings, startServer } from '../../src/server/serve.ts'

export type Given = Partial<Record<OptionName, string>>
export type Frame = { type: string; ts: number; ref?: string } & Record<string, unknown>
export type Reported = { readonly name: ReportName; readonly details: Details | undefined }

/** Enough for a test that is not about haste. */
export const hasty: Given = { rate: '1000000', burst: '1000000', budgets: 'off' }

export interface Served extends RunningServer {
  readonly reports: readonly Reported[]
  /** Resolves once something was reported under this name. */
  reported(name: ReportName): Promise<Reported>
}

let latest: Served | undefined

/** The key of the server that this test has started last: what it signs for, unless it says otherwise. */
export function servedKey(): string {
  if (!latest) throw new Error('No server was started that anything could be signed for.')
  return latest.key
}

/** Starts a server on a free port that lives as long as the running test. */
export async function serve(given: Given = {}, around: Surroundings = {}): Promise<Served> {
  const reports: Reported[] = []
  const waiting = new Set<() => void>()
  const report = (name: ReportName, details?: Details) => {
    reports.push({ name, details })
    for (const wake of waiting) wake()
    around.report?.(name, details)
  }
  const options = resolveOptions({ port: '0', durability: 'memory', ...given })
  const server = await startServer(options, { ...around, report })
  onTestFinished(() => server.stop())
  const reported = (name: ReportName) =>
    new Promise<Reported>((resolve) => {
      const look = () => {
        const found = reports.find((one) => one.name === name)
        if (found) resolve(found)
        else waiting.add(look)
      }
      look()
    })
  latest = Object.assign(server, { reports, reported })
  return latest
}

/** One connection: what it says, and what it has heard and not taken yet. */
export class Peer {
  readonly ws: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>
  readonly opened: Promise<void>
  heard: Frame[] = []
  welcome: Frame = { type: 'none', ts: 0 }
  private ending = false
  private asked = 0
  private readonly wakes = new Set<() => void>()
  private readonly answers = new Map<string, (frame: Frame | undefined) => void>()

  constructor(url: string, options: ClientOptions = {}) {
    this.ws = new WebSocket(url, { perMessageDeflate: false, ...options })
    this.ws.on('message', (data) => this.hear(JSON.parse(String(data))))
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve)
      this.ws.once('unexpected-response', (_request, response) => {
        reject(new Error(`turned away with ${response.statusCode}`))
        response.destroy()
      })
      this.ws.on('error', reject)
    })
    this.opened.catch(() => {})
    this.closed = new Promise((resolve) => {
      this.ws.once('close', (code, reason) => {
        this.ending = true
        resolve({ code, reason: String(reason) })
        for (const answer of this.answers.values()) answer(undefined)
        this.wake()
      })
    })
  }

  get id(): string {
    return String(this.welcome.agent_id)
  }

  send(frame: object | string | Buffer): void {
    const raw = typeof frame === 'string' || Buffer.isBuffer(frame)
    this.ws.send(raw ? frame : JSON.stringify(frame))
  }

  /** Takes the first frame that fits, heard already or to come. */
  async next(fits: string | ((frame: Frame) => boolean)): Promise<Frame> {
    const isIt = typeof fits === 'string' ? ({ type }: Frame) => type === fits : fits
    for (;;) {
      const at = this.heard.findIndex(isIt)
      const [found] = at < 0 ? [] : this.heard.splice(at, 1)
      if (found) return found
      const heard = JSON.stringify(this.heard).slice(0, 800)
      if (this.ending) throw new Error(`closed before ${fits}; heard ${heard}`)
      await new Promise<void>((resolve) => this.wakes.add(resolve))
    }
  }

  /** Sends with a ref, and takes the answer. */
  async ask(frame: object): Promise<Frame> {
    this.asked += 1
    const ref = `r${this.asked}`
    this.send({ ref, ...frame })
    const answer = await new Promise<Frame | undefined>((resolve) => {
      if (this.ending) resolve(undefined)
      else this.answers.set(ref, resolve)
    })
    if (answer) return answer
    throw new Error(`closed before the answer to ${JSON.stringify(frame).slice(0, 200)}`)
  }

  /** Everything heard and not taken, once the server has answered all that was sent before. */
  async settled(type?: string): Promise<Frame[]> {
    await this.ask({ type: 'PING' })
    const taken = this.heard.filter((frame) => type === undefined || frame.type === type)
    this.heard = this.heard.filter((frame) => !taken.includes(frame))
    return taken
  }

  /** Goes away; resolves when the socket is gone. */
  async leave(): Promise<void> {
    this.ws.close()
    await this.closed
  }

  private hear(frame: Frame): void {
    const answer = this.answers.get(frame.ref ?? '')
    this.answers.delete(frame.ref ?? '')
    if (answer) answer(frame)
    else this.heard.push(frame)
    this.wake()
  }

  private wake(): void {
    const wakes = [...this.wakes]
    this.wakes.clear()
    for (const wake of wakes) wake()
  }
}

/** Connects; who it is has yet to be said. */
export async function connect(server: Served, options: ClientOptions = {}): Promise<Peer> {
  const peer = new Peer(server.url, options)
  onTestFinished(() => peer.ws.terminate())
  await peer.opened
  return peer
}

/** Logs in by name alone; of version 0 unless `v: 1` is given. */
export async function anon(server: Served, name: string, more: object = {}): Promise<Peer> {
  const peer = await connect(server)
  peer.welcome = await peer.ask({ type: 'IDENTIFY', name, ...more })
  return peer
}

export interface Keys {
  readonly pem: string
  readonly raw: string
  readonly secretPem: string
  sign(bytes: Buffer): Buffer
}

export function makeKeys(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    raw: publicKey.export({ type: 'spki', format: 'der' }).subarray(12).toString('base64url'),
    secretPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    sign: (bytes) => sign(null, bytes, privateKey),
  }
}

/** Logs in with a key, as version 0 does. */
export async function keyedV0(server: Served, name: string, keys: Keys): Promise<Peer> {
  const peer = await connect(server)
  const challenge = await peer.ask({ type: 'IDENTIFY', name, pubkey: keys.pem })
  peer.welcome = await peer.ask(proofV0(keys, challenge))
  return peer
}

export function proofV0(keys: Keys, challenge: Frame, timestamp = Date.now()): object {
  const { nonce, challenge_id } = challenge
  const text = `AGENTCHAT_AUTH|${nonce}|${challenge_id}|${timestamp}`
  const signature = keys.sign(Buffer.from(text)).toString('base64')
  return { type: 'VERIFY_IDENTITY', challenge_id, signature, timestamp }
}

/** Logs in with a key, as version 1 does. */
export async function keyed(
  server: Served,
  name: string,
  keys: Keys,
  more: object = {},
): Promise<Peer> {
  const peer = await connect(server)
  const nonce = randomBytes(32).toString('hex')
  const challenge = await peer.ask({
    type: 'IDENTIFY',
    name,
    pubkey: keys.pem,
    v: 1,
    nonce,
    ...more,
  })
  if (challenge.type !== 'CHALLENGE') throw new Error(JSON.stringify(challenge))
  peer.welcome = await peer.ask(proofV1(keys, challenge, nonce))
  return peer
}

/** The answer of version 1; what is in `changed` is signed instead of what the challenge says. */
export function proofV1(keys: Keys, challenge: Frame, nonce: string, changed: object = {}): object {
  const said: Record<string, unknown> = { ...challenge, agent: idOf(keys), ...changed }
  const { challenge_id, time } = challenge
  const fields = [said.server, said.server_key, said.nonce, nonce, said.agent]
  const versions = hash([said.versions].flat().join(','))
  const signature = signV1(keys, 'login', [...fields, String(said.time), versions])
  return { type: 'VERIFY_IDENTITY', v: 1, challenge_id, signature, timestamp: time }
}

/** Signs the envelope of version 1. */
export function signV1(keys: Keys, purpose: string, fields: readonly unknown[]): string {
  return keys.sign(envelope(purpose, fields)).toString('base64url')
}

/** The envelope of version 1: 0xFF, the purpose, and a field a line. */
export function envelope(purpose: string, fields: readonly unknown[]): Buffer {
  const text = [`agentchat/1/${purpose}`, ...fields].join('\n')
  return Buffer.concat([Buffer.from([0xff]), Buffer.from(text)])
}

/** SHA-256 as base64url: how texts enter what is signed. */
export function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

export function idOf({ pem }: Keys): string {
  return `@${createHash('sha256').update(pem).digest('hex').slice(0, 16)}`
}

export interface Said {
  readonly to: string
  readonly content: string
  readonly cid?: string
  readonly ts?: number
  readonly in_reply_to?: string
  readonly expects?: 'reply' | 'none'
  /** The server that is named in what is signed. */
  readonly server?: string
}

/** A MSG as an agent with a key says it in version 1. */
export function signedMessage(keys: Keys, said: Said) {
  const { server = 'localhost', ...message } = {
    cid: randomBytes(12).toString('hex'),
    ts: Date.now(),
    ...said,
  }
  const { to, content, cid, ts, in_reply_to, expects } = message
  const extensions = expects === undefined ? '-' : hash(JSON.stringify({ expects }))
  const fields = [server, to, idOf(keys), cid, ts, 'text', in_reply_to ?? '-', hash(content)]
  return { type: 'MSG', ...message, sig: signV1(keys, 'msg', [...fields, extensions]) }
}

/** A MSG as an agent with a key says it in version 0. */
export function signedMessageV0(keys: Keys, to: string, content: string, ts = Date.now()) {
  const text = JSON.stringify({ to, content, ts })
  return { type: 'MSG', to, content, ts, sig: keys.sign(Buffer.from(text)).toString('base64') }
}
