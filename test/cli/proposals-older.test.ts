// Deals with an agent of the older wire, from the newer one's command line.

import { afterAll, expect, it } from 'vitest'
import { keyedV0, makeKeys, serve } from '../wire/kit.ts'
import { proposalV0 } from '../wire/proposal-kit.ts'
import { Home, type Result } from './kit.ts'

const home = new Home()
afterAll(() => home.close())

it('are heard of, shown, accepted and completed by the beginning of an id', async () => {
  const server = await serve()
  const run = (...args: readonly string[]): Promise<Result> =>
    home.run(args, { env: { AGENTCHAT_SERVER: server.url } })
  await run('identity', 'new', 'newer')
  const { id: to } = (await run('me')).last
  const keys = makeKeys()
  const older = await keyedV0(server, 'older', keys)
  const offer = { to, task: 'translate the page', amount: 5, currency: '', expires: 3_600 }
  older.send(proposalV0(keys, { ...offer, terms: 'as always' }))
  const id = String((await older.next('PROPOSAL')).proposal_id)
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
