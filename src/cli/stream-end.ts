// The end of what was listened to: its last line, and the exit code that tells whether anything came.

import type { Run } from './command.ts'
import type { EndReason } from './deadline.ts'
import { exits } from './failure.ts'
import { interruptedCode } from './signals.ts'

/** What was heard so far: how many were printed, and that everything up to `next` was heard. */
export interface Tally {
  count: number
  next: number
}

/** Prints END. Sets the exit code of an interruption, or of nothing having come. */
export function endStream(
  { output, signal }: Run,
  { count, next }: Tally,
  reason: EndReason | 'count',
): void {
  const left = reason === 'count' ? null : 0
  output.end({ count, next, left, truncated: false, reason })
  if (reason === 'interrupted') output.exitCode = interruptedCode(signal) ?? output.exitCode
  else if (count === 0) {
    output.note('Nothing came in time.')
    output.exitCode = exits.nothing.code
  }
}
