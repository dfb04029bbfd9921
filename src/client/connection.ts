// One connection to a server: made, listened to, and noticed when it dies.

import { openSocket } from '#socket'
import { ConnectionError } from './errors.ts'
import type { Frame, WaitOptions } from './options.ts'
import type { OpenSocket, Socket, SocketHears, Tls } from './platform/socket.ts'
import { waitFor } from './wait.ts'

/** Why a connection is over. Code 1006: it broke. */
export interface Closing {
  readonly code: number
  readonly reason: string
}

export interface Connection {
  /** Undefined while it is open. */
  readonly closing: Closing | undefined
  /** Sends a text frame; does nothing once it is over. */
  send(text: string): void
  /** Ends it in order, with code 1000; at once if the server takes too long about it. */
  close(): Promise<void>
  /** Ends it at once. */
  drop(): void
}

interface Hears {
  frame(frame: Frame): void
  /** Called once, also when it was never open. */
  closed(closing: Closing): void
}

interface Place {
  readonly url: string
  readonly tls: Tls | undefined
  /** What opens the socket; undefined for the platform's own. */
  readonly open: OpenSocket | undefined
}

/** After so long without a frame the server is asked whether it is there; after twice as long it is not. */
const silenceMs = 30_000
const closeMs = 2_000

/**
 * Makes a connection.
 *
 * @throws ConnectionError `unreachable`, or `timeout`
 * @throws the signal's reason
 */
export function dial(place: Place & WaitOptions, hears: Hears): Promise<Connection> {
  const { url, signal, timeoutMs } = place
  const late = () => new ConnectionError('timeout', `The server at ${url} does not answer in time.`)
  return waitFor<Connection>({ signal, timeoutMs, late }, ({ resolve, reject }) => {
    let isOpen = false
    const opened = () => {
      isOpen = true
      resolve(connection)
    }
    const closed = (closing: Closing) => {
      reject(unreachable(url, closing))
      hears.closed(closing)
    }
    const connection = connect(place, { frame: hears.frame, opened, closed })
    return () => {
      if (!isOpen) connection.drop()
    }
  })
}

function unreachable(url: string, { code, reason }: Closing): ConnectionError {
  const why = reason || `closed with ${code}`
  return new ConnectionError('unreachable', `Cannot reach the server at ${url}: ${why}`, code)
}

function connect(place: Place, hears: Hears & { opened(): void }): Connection {
  let closing: Closing | undefined
  let ended = () => {}
  const end = new Promise<void>((resolve) => {
    ended = resolve
  })
  const watch = watchSilence()
  const socket = openAt(place, {
    opened() {
      watch.start({ ask: () => socket.send('{"type":"PING"}'), giveUp: () => socket.drop() })
      hears.opened()
    },
    heard(text) {
      watch.heard()
      const frame = closing ? undefined : readFrame(text)
      if (frame) hears.frame(frame)
    },
    closed(code, reason) {
      watch.stop()
      closing = { code, reason }
      ended()
      hears.closed(closing)
    },
  })
  return {
    get closing() {
      return closing
    },
    send: (text) => socket.send(text),
    async close() {
      socket.close(1000, '')
      const timer = setTimeout(() => socket.drop(), closeMs)
      await end
      clearTimeout(timer)
    },
    drop: () => socket.drop(),
  }
}

/** Browsers throw for an address that they do not want, where others close. */
function openAt({ url, tls, open = openSocket }: Place, hears: SocketHears): Socket {
  try {
    return open(url, tls, hears)
  } catch (fault) {
    queueMicrotask(() => hears.closed(1006, String(fault)))
    return { send() {}, close() {}, drop() {} }
  }
}

/** A frame is an object with a type; whatever else comes is let go. The answer to our PING is no news. */
function readFrame(text: string): Frame | undefined {
  const value = parse(text)
  if (typeof value !== 'object' || value === null || !('type' in value)) return undefined
  if (typeof value.type !== 'string' || value.type === '') return undefined
  if (value.type === 'PONG' && !('ref' in value)) return undefined
  return value as Frame // just checked
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Notices a server that is gone without a word, as after a cut cable. */
function watchSilence() {
  let timer: ReturnType<typeof setInterval> | undefined
  let ticks = 0
  return {
    start({ ask, giveUp }: { ask(): void; giveUp(): void }) {
      timer = setInterval(() => {
        ticks += 1
        if (ticks === 1) return
        if (ticks === 2) ask()
        else giveUp()
      }, silenceMs)
    },
    heard() {
      ticks = 0
    },
    stop: () => clearInterval(timer),
  }
}

/** What a request is rejected with when its connection broke. */
export function lostError({ code, reason }: Closing): ConnectionError {
  const why = reason ? `${reason} (${code})` : `closed with ${code}`
  return new ConnectionError('lost', `The connection was lost: ${why}`, code)
}
