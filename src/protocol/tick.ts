// The passing of time, as nodes note it in the log.

import { note } from './declare.ts'

export const tick = {
  asks: {},
  tells: {},
  notes: { TICK: note({ doc: 'Time has come for what was to expire.', fields: {} }) },
}
