// What `proposals show` tells people, with the real binary: everything that was signed, whole, and what was not.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { Home } from './kit.ts'
import { olderOffer } from './older.ts'
import { Town } from './town.ts'

const town = new Town()
const home = new Home()
beforeAll(() => town.open())
afterAll(async () => {
  await town.close()
  await home.close()
})

const long = (word: string) => `${`${word} `.repeat(60)}${word}-end`

it('cuts nothing of what was said', async () => {
  const { last } = await town.as('alice', 'new', '@bob', long('task'))
  const id = String(last.proposal_id)
  await town.as('bob', 'accept', id)
  await town.as('bob', 'complete', id, long('proof'))
  await town.as('alice', 'dispute', id, long('reason'))
  await town.as('bob', 'settle', id, long('outcome'))
  const { stdout } = await town.inText('alice', 'show', id)
  for (const word of ['task', 'proof', 'reason', 'outcome']) expect(stdout).toContain(long(word))
  expect(stdout).not.toContain('…')
  expect((await town.inText('alice', '--limit', '1')).stdout).toContain('…')
})

it('names every time and every place to pay', async () => {
  const times = ['--confirm-within', '1s', '--due', '7d']
  const id = await town.proposed(...times, '--pay', 'x:alice')
  await town.as('bob', 'accept', id, '--pay', 'x:bob')
  const { stdout } = await town.inText('bob', 'show', id)
  expect(stdout).toMatch(/^due within +7 days$/m)
  expect(stdout).toMatch(/^confirm within +1 second$/m)
  expect(stdout).toMatch(/^code \(from\) +x:alice$/m)
  expect(stdout).toMatch(/^code \(to\) +x:bob$/m)

  const plain = await town.proposed()
  const shown = await town.inText('bob', 'show', plain)
  expect(shown.stdout).toMatch(/^confirm within +1 day$/m)
  expect(shown.stdout).not.toMatch(/^due within|^code/m)
  await town.as('bob', 'reject', plain)
})

it('tells of a short time to dispute where the proposal is news', async () => {
  await town.run(['unread', '--ack', '-i', 'bob'])
  await town.proposed('--confirm-within', '1s')
  await town.proposed('--confirm-within', '3h')
  await town.proposed('--confirm-within', '2d')
  const { stdout } = await town.run(['--text', 'unread', '--ack', '-i', 'bob'])
  expect(stdout.match(/proposed: .*/g)).toEqual([
    'proposed: translate the page (stands after 1s unless disputed)',
    'proposed: translate the page (stands after 3h unless disputed)',
    'proposed: translate the page',
  ])
})

it('says that time is the server’s word', async () => {
  const brief = ['--confirm-within', '1s', '--wait', '20s']
  const id = await town.proposed('--confirm-within', '1s')
  await town.as('bob', 'accept', id)
  expect((await town.as('bob', 'complete', id, ...brief.slice(2))).last.type).toBe('TIME_UP')
  const { stdout } = await town.inText('bob', 'show', id)
  expect(stdout).toMatch(/time was up: completed/)
  expect(stdout).toMatch(
    /\nChecked: each step is signed by who took it\. .*time.* server's word\.\n$/,
  )
})

it('says what an older signature leaves out', async () => {
  const { run, id } = await olderOffer(home)
  const { stdout, stderr, code } = await run('proposals', 'show', id, '--text')
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(stdout).toMatch(/^signed +with version 0: one COMPLETE ends it, .*dispute/m)
  expect(stdout).toMatch(/^terms +\(not signed\) as always$/m)
  expect(stdout).toMatch(/^not signed +terms$/m)
  expect(stdout).not.toMatch(/^confirm within/m)
  expect(stdout).toMatch(/\nChecked: each step is signed by who took it\. Version 0 .*\.\n$/)
})
