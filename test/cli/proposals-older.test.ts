// Deals with an agent of the older wire, from the newer one's command line.

import { afterAll, expect, it } from 'vitest'
import { Home } from './kit.ts'
import { olderOffer } from './older.ts'

const home = new Home()
afterAll(() => home.close())

it('are heard of, shown, accepted and completed by the beginning of an id', async () => {
  const { run, older, id, to } = await olderOffer(home)
  expect(id).toMatch(/^prop_/)

  expect((await run('unread')).lines).toMatchObject([{ type: 'PROPOSAL', proposal_id: id }, {}])
  const short = id.slice(0, 13)
  const shown = await run('proposals', 'show', short, '--text')
  expect({ code: shown.code, stderr: shown.stderr }).toEqual({ code: 0, stderr: '' })
  expect(shown.stdout).toMatch(/^amount +5$/m)
  const listed = await run('proposals', '--text')
  expect(listed.stdout.startsWith(`${short}  pending  `)).toBe(true)
  expect((await run('proposals', 'accept', short)).last.status).toBe('accepted')
  expect((await run('proposals', 'complete', short)).last.status).toBe('completed')
  expect(await older.next('COMPLETE')).toMatchObject({ proposal_id: id, completed_by: to })

  const { stdout } = await run('proposals', 'receipt', short)
  const checked = await home.run(['verify', '-', '--text'], { input: stdout })
  expect({ code: checked.code, stderr: checked.stderr }).toEqual({ code: 0, stderr: '' })
  expect(checked.stdout).toMatch(/^Note: .*version 0/m)
})
