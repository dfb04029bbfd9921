// Writes what is generated from the code: the reference of the protocol, SKILL.md, and the README's table of options.

import { readFileSync, writeFileSync } from 'node:fs'
import { skillText } from '../dist/doors/skill.js'
import { referencePage } from '../dist/protocol/reference.js'
import { withOptionTable } from '../dist/server/option-table.js'

const reference = new URL('../src/protocol/REFERENCE.md', import.meta.url)
const skill = new URL('../skills/agentchat/SKILL.md', import.meta.url)
const readme = new URL('../README.md', import.meta.url)

writeFileSync(reference, referencePage())
writeFileSync(skill, skillText())
writeFileSync(readme, withOptionTable(readFileSync(readme, 'utf8')))
