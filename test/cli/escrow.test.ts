// An escrow at the command line: what has an amount waits, once it is accepted, until the escrow has signed.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadIdentity } from '../../src/client/files.ts'
import { signerOf } from '../../src/client/identity.ts'
import { toBase64Url } from '../../src/protocol/bytes.ts'
import { Town } from './town.ts'

const town = new Town()
beforeAll(async () => {
  const { home } = town
  await home.run(['identity', 'new', 'carol'])
  const identity = await loadIdentity(join(home.state, 'identities', 'carol.json'))
  const hold = { key: toBase64Url(signerOf(identity).key.raw) }
  const hook = { name: 'escrow', on: ['accepted'], url: 'http://127.0.0.1:1/', hold }
  const path = join(home.path, 'hooks.json')
  writeFileSync(path, JSON.stringify({ hooks: [hook] }), { mode: 0o600 })
  await town.open(['--hooks', path])
})
afterAll(() => town.close())

it('begins once the escrow has signed', async () => {
  const id = await town.proposed('--amount', '1', '--currency', 'SOL')
  const accepted = await town.as('bob', 'accept', id)
  expect(accepted.last).toMatchObject({ status: 'accepted', awaiting: 'escrow' })
  const early = await town.as('bob', 'complete', id)
  expect(early).toMatchObject({ code: 1, last: { code: 'INVALID_PROPOSAL' } })
  const notCarol = await town.as('bob', 'fund', id)
  expect(notCarol.last).toMatchObject({ message: 'NOT_PROPOSAL_ESCROW', exit: 1 })

  const { lines } = await town.run(['unread', '-i', 'carol'])
  expect(lines).toMatchObject([{ type: 'ACCEPT', proposal_id: id, awaiting: 'escrow' }, {}])
  const { lines: held } = await town.run(['proposals', '--role', 'escrow', '-i', 'carol'])
  expect(held).toMatchObject([{ proposal_id: id, awaiting: 'escrow' }, {}])
  const waiting = town.start('bob', '--watch', '--count', '1')
  await waiting.says(/Watching/)
  const funded = await town.as('carol', 'fund', id.slice(0, 8), '--reference', 'vault 7')
  expect(funded.last).toMatchObject({ status: 'accepted' })
  expect(funded.last.awaiting).toBeUndefined()
  expect((await waiting.ended).lines[0]).toMatchObject({ type: 'FUNDED', reference: 'vault 7' })
  const { stdout } = await town.inText('carol', 'show', id)
  expect(stdout).toMatch(/accepted; an escrow signs next\n.*you holds? as escrow.*: vault 7\n/)
})
