// Writes the report stream as structured log lines on stderr.

import { destination, pino } from 'pino'
import type { ServeOptions } from './config.ts'
import { type Report, reports } from './report.ts'

/** Characters of a text in a log line: one event is one line of bounded length. */
const maxCharacters = 2_000

/** Reports go to stderr as JSON, one line each, from this level up. */
export function logLines(level: ServeOptions['logLevel']): Report {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination(2),
  )
  return (name, details = {}) => {
    const bounded = Object.entries(details).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.slice(0, maxCharacters) : value,
    ])
    logger[reports[name]](Object.fromEntries(bounded), name)
  }
}
