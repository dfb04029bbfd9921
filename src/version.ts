// The version of this package, read from where it is declared.

import { createRequire } from 'node:module'

/** As in package.json. */
export const packageVersion: string = createRequire(import.meta.url)(
  'agentchat/package.json',
).version
