// The wire driver: the real server on a real log, and agents that speak to it over real sockets.

import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { Heard } from '../../src/protocol/frames.ts'
import { legacyLoginText, loginBytes } from '../../src/protocol/signing.ts'
import { resolveOptions } from '../../src/server/config.ts'
import { type RunningServer, startServer } from '../../src/server/serve.ts'
import { handClock } from './clock.ts'
import { removeDirectory, temporaryDirectory } from './directory.ts'
import { Ears } from './ears.ts'
import { type Driver, type Line, type Login, Refused, Town } from './town.ts'

const patienceMs = 10_000
const serverName = 'wire.test'

/** A town on a real server, with its log in a directory of its own. */
export async function wireTown(): Promise<Town<WireDriver>> {
  const directory = await temporaryDirectory()
  const driver = new WireDriver(directory)
  await driver.start()
  return new Town(driver)
}

/** One socket: what the story wants to hear goes to its ears, what the driver asked itself does not. */
class Connection {
  readonly ears = new Ears(patienceMs)
  readonly ws: WebSocket
  readonly opened: Promise<void>
  private readonly pongs = new Map<string, () => void>()
  private asked = 0

  constructor(url: string) {
    this.ws = new WebSocket(url)
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve).on('error', reject)
    })
    this.ws.on('message', (data) => this.hear(String(data)))
    this.ws.once('close', (code) => {
      this.ears.close(String(code))
      for (const answered of this.pongs.values()) answered()
    })
  }

  /** Resolves when all that was sent before has been answered, or the connection is over. */
  async settle(): Promise<void> {
    if (this.ws.readyState !== WebSocket.OPEN) return
    this.asked += 1
    const ref = `settle${this.asked}`
    this.ws.send(JSON.stringify({ type: 'PING', ref }))
    await new Promise<void>((resolve) => this.pongs.set(ref, resolve))
  }

  private hear(text: string): void {
    const { ref } = JSON.parse(text) as { ref?: string } // a frame is an object
    const answered = this.pongs.get(ref ?? '')
    if (answered) answered()
    else this.ears.hear(text)
  }
}

export class WireDriver implements Driver {
  readonly server = serverName
  private readonly directory: string
  private readonly hand = handClock()
  private readonly connections = new Set<Connection>()
  private readonly closings = new Map<string, () => void>()
  private readonly faults: string[] = []
  private running: RunningServer | undefined

  constructor(directory: string) {
    this.directory = directory
  }

  async start(): Promise<void> {
    const pace = { rate: '1000000', burst: '1000000' }
    const options = resolveOptions({ port: '0', data: this.directory, name: serverName, ...pace })
    this.running = await startServer(options, {
      now: this.hand.now,
      report: (name, details) => {
        if (name === 'connection-closed') this.closings.get(String(details?.id))?.()
        if (name === 'fault') this.faults.push(String(details?.stack))
      },
    })
  }

  get serverKey(): string {
    return this.running?.key ?? ''
  }

  now(): number {
    return this.hand.now()
  }

  async open(login: Login): Promise<Line> {
    const connection = new Connection(this.running?.url ?? '')
    this.connections.add(connection)
    await connection.opened
    const { ears, ws } = connection
    const say = (frame: object) => ws.send(JSON.stringify(frame))
    const nonce = randomBytes(32).toString('hex')
    say(identify(login, nonce))
    const first = await takeAnswer(ears)
    if (first.type === 'CHALLENGE') say(this.proof(login, first, nonce))
    const welcome = first.type === 'CHALLENGE' ? await takeAnswer(ears) : first
    if (welcome.type === 'ERROR') throw new Refused(`The login as ${login.name}`, welcome)
    if (welcome.type !== 'WELCOME') throw new Error(`A login was answered with ${welcome.type}.`)
    const gone = new Promise<void>((resolve) => this.closings.set(welcome.session, resolve))
    return {
      welcome,
      ears,
      send: (text) => ws.send(text),
      hangUp: async () => {
        ws.close()
        await gone
      },
    }
  }

  /** Twice: what one connection sent is told to the others by the time that it is answered itself. */
  async settle(): Promise<void> {
    for (const _round of ['sent', 'heard']) {
      await Promise.all([...this.connections].map((connection) => connection.settle()))
    }
  }

  /** What is due happens within the next tick of the server; who waits to hear of it will. */
  async advance(ms: number): Promise<void> {
    this.hand.advance(ms)
  }

  async restart(): Promise<void> {
    await this.running?.stop()
    this.connections.clear()
    await this.start()
  }

  async close(): Promise<void> {
    await this.running?.stop()
    await removeDirectory(this.directory)
    const [fault] = this.faults
    if (fault !== undefined) throw new Error(`The server had a fault of its own: ${fault}`)
  }

  private proof(login: Login, challenge: Heard<'CHALLENGE'>, clientNonce: string): object {
    const { keys, version } = login
    if (!keys) throw new Error('Nobody without a key is challenged.')
    const { challenge_id, nonce, server, server_key, time, versions } = challenge
    const answer = { type: 'VERIFY_IDENTITY', challenge_id }
    if (version === 'v0') {
      const timestamp = this.now()
      const signature = keys.signText(legacyLoginText(nonce, challenge_id, timestamp))
      return { ...answer, timestamp, signature }
    }
    const fields = { server, serverKey: server_key, serverNonce: nonce, clientNonce }
    const bytes = loginBytes({ ...fields, agent: keys.public.id, time, versions })
    return { ...answer, v: 1, timestamp: time, signature: keys.sign(bytes) }
  }
}

function identify({ name, keys, version, brief, resume }: Login, nonce: string): object {
  const who = { type: 'IDENTIFY', name, ...(keys && { pubkey: keys.public.pem }) }
  return version === 'v0' ? who : { ...who, v: 1, brief, resume, ...(keys && { nonce }) }
}

function takeAnswer(ears: Ears): Promise<Heard> {
  const types = ['CHALLENGE', 'WELCOME', 'ERROR']
  return ears.next(({ type }) => types.includes(type), 'the answer to a login')
}
