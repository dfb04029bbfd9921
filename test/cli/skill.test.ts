// `agentchat skill`: the page goes where coding tools look for it, and never over what somebody wrote.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { rulesText } from '../../src/doors/rules.ts'
import { agentsText, skillText } from '../../src/doors/skill.ts'
import { Home } from './kit.ts'

const home = new Home()
afterAll(() => home.close())
// The tests' working directory and home are one, so both ways lead to one file.
const file = join(home.path, '.agents', 'skills', 'agentchat', 'SKILL.md')

test('what somebody has changed is not replaced unless that is asked for', async () => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${skillText()}\nAnd my own rule.\n`)
  const { code, last } = await home.run(['skill', 'install'])
  expect(code).toBe(2)
  expect(last).toMatchObject({ type: 'ERROR', hint: expect.stringContaining('--force') })
  expect(readFileSync(file, 'utf8')).toContain('And my own rule.')

  const forced = await home.run(['skill', 'install', '--force'])
  expect(forced.lines).toMatchObject([{ type: 'SKILL', written: true, content: skillText() }])
  expect(readFileSync(file, 'utf8')).toBe(skillText())
})

test('another version of ours is replaced, and the same is left as it is', async () => {
  writeFileSync(file, skillText({ rights: ['read'] }))
  const { code, last } = await home.run(['skill', 'install', '--user'])
  expect({ code, last }).toMatchObject({ code: 0, last: { written: true } })
  expect(readFileSync(file, 'utf8')).toBe(skillText())
  expect((await home.run(['skill', 'install', '--project'])).last).toMatchObject({ written: false })
  const both = await home.run(['skill', 'install', '--project', '--user'])
  expect(both.code).toBe(2)
})

test('it shows what it has written', async () => {
  writeFileSync(file, skillText({ rights: ['read'] }))
  const { stdout } = await home.run(['skill', 'install', '--text'])
  expect(stdout).toContain(`SKILL.md:\n\n${skillText()}`)
})

test('it can be printed, and so can lines for an AGENTS.md', async () => {
  expect((await home.run(['skill'])).stdout).toBe(skillText())
  expect((await home.run(['skill', 'print', '--agents-md'])).stdout).toBe(agentsText())
  expect((await home.run(['help', 'agents'])).stdout).toContain(rulesText())
})
