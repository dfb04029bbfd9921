// The version of this package, read from where it is declared.

import { readFileSync } from 'node:fs'

/** As in package.json. Read as a file: to resolve it as a module takes a start as long as to make a connection. */
export const packageVersion: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version
