// From a frame to its JSON text; every frame of a server is written here.

import type { TellFields, TellType } from './frames.ts'

/** Writes a frame of a server. `ts` is milliseconds since 1970. */
export function encode<T extends TellType>(
  type: T,
  ts: number,
  fields: TellFields<T>,
  ref?: string,
): string {
  return JSON.stringify(ref === undefined ? { type, ts, ...fields } : { type, ref, ts, ...fields })
}

/** The text of a kept frame, marked as told from history. Works on the text: history is never parsed. */
export function asReplay(text: string): string {
  return `${text.slice(0, -1)},"replay":true}`
}
