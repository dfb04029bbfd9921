// `agentchat hooks`: what the files of hooks say, whether the server runs or not.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fileStates } from '../../src/server/hooks/state.ts'
import { Home } from '../cli/kit.ts'

let home: Home
beforeEach(() => {
  home = new Home()
})
afterEach(() => home.close())

const letter = {
  id: 'books.7',
  position: 7,
  proposal_id: 'f00d',
  event: 'accepted',
  attempts: 6,
  at: 1_795_518_162_123,
  reason: 'HTTP 503',
} as const

test('lists the hooks and their dead letters, as JSON and for people', async () => {
  const states = fileStates(home.path)
  await states.write('books', { position: 9, dead: [letter, { ...letter, id: 'books.8' }] })
  await states.write('audit', { position: 0, dead: [] })
  const run = (...words: string[]) => home.run(['hooks', ...words, '--data', home.path])
  const { code, lines } = await run()
  expect(code).toBe(0)
  expect(lines).toEqual([
    { type: 'HOOK', name: 'audit', file: 'audit.json', position: 0, dead: 0 },
    { type: 'HOOK', name: 'books', file: 'books.json', position: 9, dead: 2 },
    { type: 'END', count: 2, next: null, left: 0, truncated: false },
  ])
  expect((await run('list')).lines).toEqual(lines)
  expect((await run('dead', '--limit', '1')).lines).toEqual([
    { type: 'DEAD_LETTER', hook: 'books', ...letter },
    { type: 'END', count: 1, next: null, left: 1, truncated: true },
  ])
  expect((await run('list', '--text')).stdout).toBe('audit  at 0  0 dead\nbooks  at 9  2 dead\n')
  expect((await run('dead', '--text')).stdout).toMatch(
    /^2026-11-24T11:02:42\.123Z {2}books\.7 {2}accepted {2}f00d {2}after 6 attempts {2}HTTP 503$/m,
  )
})

test('says it when there is no such directory, or a file is damaged', async () => {
  const none = await home.run(['hooks', '--data', join(home.path, 'none')])
  expect(none).toMatchObject({ code: 3, last: { type: 'ERROR' } })
  fileStates(home.path)
  const empty = await home.run(['hooks', 'dead', '--data', home.path])
  expect(empty).toMatchObject({ code: 0, last: { type: 'END', count: 0 } })
  writeFileSync(join(home.path, 'hooks', 'books.json'), '{')
  const damaged = await home.run(['hooks', '--data', home.path])
  expect(damaged).toMatchObject({ code: 3, last: { message: expect.stringMatching(/damaged/) } })
})
