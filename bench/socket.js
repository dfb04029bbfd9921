// A WebSocket client that costs little: it counts frames and sends one text, so that the load is not the bottleneck.

import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/**
 * Opens a connection.
 * @param {number} port on 127.0.0.1
 * @param {(payload: Buffer) => void} onText called for each text frame
 */
export async function open(port, onText) {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  )
  let rest = Buffer.alloc(0)
  let isUpgraded = false
  let upgraded
  const ready = new Promise((resolve) => {
    upgraded = resolve
  })
  socket.on('data', (chunk) => {
    let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (!isUpgraded) {
      const end = data.indexOf('\r\n\r\n')
      if (end < 0) {
        rest = data
        return
      }
      isUpgraded = true
      data = data.subarray(end + 4)
      upgraded()
    }
    rest = takeFrames(data, onText)
  })
  await ready
  return {
    /** Sends a frame made by `mask`. */
    send: (frame) => socket.write(frame),
    end: () => socket.destroy(),
    pause: () => socket.pause(),
  }
}

/** One client frame of a text, masked with zeros: legal, and no work. */
export function mask(text) {
  const payload = Buffer.from(text)
  const short = payload.length < 126
  const head = Buffer.alloc(short ? 6 : 8)
  head[0] = 0x81
  head[1] = 0x80 | (short ? payload.length : 126)
  if (!short) head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}

function takeFrames(data, onText) {
  let at = 0
  while (data.length - at >= 2) {
    let length = data[at + 1] & 0x7f
    let head = 2
    if (length === 126) {
      if (data.length - at < 4) break
      length = data.readUInt16BE(at + 2)
      head = 4
    } else if (length === 127) {
      if (data.length - at < 10) break
      length = Number(data.readBigUInt64BE(at + 2))
      head = 10
    }
    if (data.length - at < head + length) break
    if ((data[at] & 0x0f) === 1) onText(data.subarray(at + head, at + head + length))
    at += head + length
  }
  return data.subarray(at)
}
