// The outer framing of one text on a WebSocket, server to client: RFC 6455 section 5.2, never masked or split.

const textFrame = 0x81

/** One whole frame, ready to be written to any number of sockets. */
export function frameText(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headBytes + length)
  frame[0] = textFrame
  if (headBytes === 2) frame[1] = length
  else if (headBytes === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, headBytes, 'utf8')
  return frame
}
