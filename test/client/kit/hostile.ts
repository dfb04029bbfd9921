// A server that says whatever a test wants it to say, also what none of ours ever would.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { parsePublicKey } from '../../../src/protocol/keys.ts'
import { challengeBytes } from '../../../src/protocol/signing.ts'
import { type KeyPair, keyPairOf } from '../../kit/identity.ts'

export type Frame = { readonly type: string; readonly ref: string } & Readonly<
  Record<string, unknown>
>

/** One connection to it. */
export interface Visitor {
  readonly ws: WebSocket
  /** How many came before. */
  readonly number: number
  say(frame: object): void
}

export interface HostileServer {
  readonly url: string
  /** All frames that it was sent. */
  readonly heard: readonly Frame[]
  /** Resolves with the next frame of a type that it is sent. */
  next(type: string): Promise<Frame>
}

type Answer = (frame: Frame, visitor: Visitor) => void

/** Starts it. @param answer called with each frame that it is sent */
export async function hostileServer(answer: Answer): Promise<HostileServer> {
  const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const heard: Frame[] = []
  const waiting = new Set<(frame: Frame) => void>()
  let count = 0
  listener.on('connection', (ws) => {
    const visitor = {
      ws,
      number: count++,
      say: (frame: object) => ws.send(JSON.stringify({ ts: 1, ...frame })),
    }
    ws.on('error', () => {})
    ws.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Frame // what the library sends has both
      heard.push(frame)
      answer(frame, visitor)
      for (const look of waiting) look(frame)
    })
  })
  await once(listener, 'listening')
  onTestFinished(() => {
    for (const client of listener.clients) client.terminate()
    listener.close()
  })
  const next = (type: string) =>
    new Promise<Frame>((resolve) => {
      const look = (frame: Frame) => {
        if (frame.type !== type) return
        waiting.delete(look)
        resolve(frame)
      }
      waiting.add(look)
    })
  return { url: `ws://127.0.0.1:${(listener.address() as AddressInfo).port}`, heard, next }
}

export const serverName = 'chat.example'
export const serverKeys = keyPairOf('an honest server')

/** A WELCOME as it should be, but for what is changed. */
export function welcome({ ref }: Frame, changed: object = {}): object {
  const agent_id = `@anon-${'0'.repeat(32)}`
  const base = { agent_id, name: 'alice', server: serverName, session: 's1' }
  return { type: 'WELCOME', ref, ...base, position: 10, channels: [], ...changed }
}

interface ChallengeChanges {
  readonly keys?: KeyPair
  readonly server?: string
  readonly versions?: readonly string[]
}

/** A CHALLENGE as it should be, signed by the keys. */
export function challenge(identify: Frame, changes: ChallengeChanges = {}): object {
  const { keys = serverKeys, server = serverName, versions = ['v1', 'v0'] } = changes
  const [serverNonce, clientNonce, time] = ['ab'.repeat(32), String(identify.nonce), 1_795_518_162]
  const fields = { server, serverKey: keys.text, serverNonce, clientNonce, time, versions }
  return {
    type: 'CHALLENGE',
    ref: identify.ref,
    challenge_id: 'c1',
    nonce: serverNonce,
    expires_at: time + 30_000,
    server,
    server_key: keys.text,
    server_sig: keys.sign(challengeBytes(fields)),
    time,
    versions,
  }
}

/** Logs in whoever comes, with a key or without, and hands on everything else. */
export function hospitable(answer: Answer = () => {}): Answer {
  const ids = new Map<WebSocket, string>()
  return (frame, visitor) => {
    if (frame.type === 'IDENTIFY' && frame.pubkey === undefined) visitor.say(welcome(frame))
    else if (frame.type === 'IDENTIFY') {
      ids.set(visitor.ws, idOf(String(frame.pubkey)))
      visitor.say(challenge(frame))
    } else if (frame.type === 'VERIFY_IDENTITY') {
      visitor.say(welcome(frame, { agent_id: ids.get(visitor.ws), cursor: 10 }))
    } else answer(frame, visitor)
  }
}

function idOf(pem: string): string {
  const id = parsePublicKey(pem)?.id
  if (id === undefined) throw new Error('The library sent something else than a public key.')
  return id
}
