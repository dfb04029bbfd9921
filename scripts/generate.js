// Writes what is generated from the code: the reference of the protocol, and the README's table of options.

import { readFileSync, writeFileSync } from 'node:fs'
import { referencePage } from '../dist/protocol/reference.js'
import { withOptionTable } from '../dist/server/option-table.js'

const reference = new URL('../src/protocol/REFERENCE.md', import.meta.url)
const readme = new URL('../README.md', import.meta.url)

writeFileSync(reference, referencePage())
writeFileSync(readme, withOptionTable(readFileSync(readme, 'utf8')))
