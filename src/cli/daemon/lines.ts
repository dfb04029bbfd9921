// Messages between a command and a daemon: JSON, one a line, none longer than it may be.

import type { Socket } from 'node:net'

const mostCharacters = 1_048_576

/** Anything that JSON spells as an object. */
export type Note = Readonly<Record<string, unknown>>

/** Sends one message; does nothing when nobody is there any more. */
export function tell(socket: Socket, note: Note): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(note)}\n`)
}

/**
 * Hears messages. What is no message, or too long for one, ends the connection.
 *
 * @param hear is given one after the other
 */
export function hearNotes(socket: Socket, hear: (note: Note) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = text.includes('\n') ? (rest + text).split('\n') : [rest + text]
    rest = lines.pop() ?? ''
    if (rest.length > mostCharacters) socket.destroy()
    for (const line of lines) {
      if (socket.destroyed) return
      const note = parse(line)
      if (note === undefined) socket.destroy()
      else hear(note)
    }
  })
}

function parse(line: string): Note | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined
  } catch {
    return undefined
  }
}
