// Bytes on a socket: upgrade requests and frames that no well-behaved client would send.

import { createHash, randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A TCP connection that keeps all it has read. */
export class Raw {
  readonly socket: Socket
  /** Resolves when the server has ended its side, or cut the connection. */
  readonly ended: Promise<void>
  read = Buffer.alloc(0)
  private readonly wakes = new Set<() => void>()
  private over = false

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('error', () => {})
    this.socket.on('data', (bytes) => {
      this.read = Buffer.concat([this.read, bytes])
      this.wake()
    })
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.over = true
        resolve()
        this.wake()
      }
      this.socket.once('end', end).once('close', end)
    })
    onTestFinished(() => {
      this.socket.destroy()
    })
  }

  write(bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  /** Resolves when what was read fits, or can fit no more because the connection is over. */
  async until(fits: (read: Buffer) => boolean): Promise<void> {
    while (!this.over && !fits(this.read)) {
      await new Promise<void>((resolve) => this.wakes.add(resolve))
    }
  }

  /** The status of the HTTP answer; 0 when none came. */
  async status(): Promise<number> {
    await this.until((read) => read.includes('\r\n'))
    return Number(/^HTTP\/1\.1 (\d{3})/.exec(this.read.toString('latin1'))?.[1] ?? 0)
  }

  /** The code of the close frame that comes; 0 when none did. */
  async closeCode(): Promise<number> {
    const close = () => framesIn(this.read).find(({ opcode }) => opcode === 8)
    await this.until(() => close() !== undefined)
    return close()?.payload.readUInt16BE(0) ?? 0
  }

  private wake(): void {
    const wakes = [...this.wakes]
    this.wakes.clear()
    for (const wake of wakes) wake()
  }
}

/** The text of a request to become a WebSocket; a header that is null is left out. */
export function upgradeRequest(headers: Readonly<Record<string, string | null>> = {}): string {
  const all = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  }
  const lines = Object.entries(all).flatMap(([name, text]) =>
    text === null ? [] : [`${name}: ${text}`],
  )
  return `GET / HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

/** A WebSocket that sends only what it is told to, byte by byte. */
export async function upgraded(port: number, headers = {}): Promise<Raw> {
  const raw = new Raw(port)
  raw.write(upgradeRequest(headers))
  if ((await raw.status()) !== 101) throw new Error(raw.read.toString('latin1'))
  await raw.until((read) => read.includes('\r\n\r\n'))
  raw.read = raw.read.subarray(raw.read.indexOf('\r\n\r\n') + 4)
  return raw
}

export interface FrameParts {
  readonly opcode?: number
  readonly fin?: boolean
  /** RSV1: compressed. */
  readonly rsv1?: boolean
  readonly masked?: boolean
  /** What the head says of the length; the payload's own when absent. */
  readonly length?: number
}

/** One frame from client to server (RFC 6455 section 5.2). */
export function clientFrame(content: string | Buffer, parts: FrameParts = {}): Buffer {
  const payload = Buffer.from(content as Buffer)
  const { opcode = 1, fin = true, rsv1 = false, masked = true, length = payload.length } = parts
  const first = opcode | (fin ? 0x80 : 0) | (rsv1 ? 0x40 : 0)
  const bit = masked ? 0x80 : 0
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = first
  if (length < 126) head[1] = bit | length
  else if (length < 65_536) {
    head[1] = bit | 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = bit | 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  if (!masked) return Buffer.concat([head, payload])
  const mask = randomBytes(4)
  const hidden = payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))
  return Buffer.concat([head, mask, hidden])
}

interface ServerFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The whole frames at the beginning of what a server has sent. */
export function framesIn(bytes: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const short = (bytes[at + 1] ?? 0) & 0x7f
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10
    if (at + headBytes > bytes.length) break
    const length =
      short < 126
        ? short
        : short === 126
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2))
    const end = at + headBytes + length
    if (end > bytes.length) break
    frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(at + headBytes, end) })
    at = end
  }
  return frames
}

/** What a server must answer to the key of an upgrade request. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}
