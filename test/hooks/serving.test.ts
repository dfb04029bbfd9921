// Hooks of a real server: proposals over the wire, calls over HTTP, and a proposal that waits for its escrow.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveOptions } from '../../src/server/config.ts'
import { startServer } from '../../src/server/serve.ts'
import { StartError } from '../../src/server/start-error.ts'
import { type Frame, idOf, type Keys, keyed, makeKeys, serve } from '../wire/kit.ts'
import { proposalV1, type Standing, stepV1 } from '../wire/proposal-kit.ts'
import { Receiver, temporary, writeHooks } from './kit.ts'

const events = ['created', 'accepted', 'completed', 'expired']

async function people(server: Awaited<ReturnType<typeof serve>>) {
  const keys: Keys[] = [makeKeys(), makeKeys()]
  const [a, b] = keys
  if (!a || !b) throw new Error('There are two.')
  const [alice, bob] = [await keyed(server, 'alice', a), await keyed(server, 'bob', b)]
  const propose = (terms: object) =>
    alice.ask(proposalV1(a, { to: idOf(b), task: 'dig', ...terms })) as Promise<Frame & Standing>
  return { a, b, alice, bob, propose }
}

test('what is accepted waits for FUNDED of the escrow, and the hook is told until when', async () => {
  const receiver = await Receiver.open()
  const escrow = makeKeys()
  const hold = { key: escrow.raw, timeout_seconds: 600 }
  const hook = { name: 'books', on: events, url: receiver.url, hold }
  const server = await serve({ hooks: writeHooks(temporary(), [hook]) })
  receiver.publicKey = server.key
  const { a, b, alice, bob, propose } = await people(server)

  const proposed = await propose({ amount: '5', currency: 'EUR' })
  const accepted = await bob.ask(stepV1(b, 'ACCEPT', proposed))
  expect(accepted).toMatchObject({ status: 'accepted', awaiting: 'escrow', escrow: idOf(escrow) })
  const [, call] = await receiver.had(2)
  expect(call).toMatchObject({
    type: 'proposal.accepted',
    data: {
      server: 'localhost',
      proposal: { type: 'PROPOSAL', amount: '5', proposal_id: proposed.proposal_id },
      step: { type: 'ACCEPT', to: idOf(b) },
      held_until: accepted.until,
    },
  })

  const holder = await keyed(server, 'escrow', escrow)
  const funded = await holder.ask(stepV1(escrow, 'FUNDED', accepted as Frame & Standing))
  expect(funded).toMatchObject({ type: 'PROPOSAL_STATE', status: 'accepted' })
  expect(funded).not.toHaveProperty('awaiting')
  const claimed = await bob.ask(stepV1(b, 'COMPLETE', funded as Frame & Standing))
  await alice.ask(stepV1(a, 'CONFIRM', claimed as Frame & Standing))
  const calls = await receiver.had(3)
  expect(calls.map(({ type }) => type)).toEqual([
    'proposal.created',
    'proposal.accepted',
    'proposal.completed',
  ])
  expect(receiver.faults).toEqual([])
})

test('a hook goes on where it was when the server starts again', async () => {
  const receiver = await Receiver.open()
  const data = temporary()
  const hooks = writeHooks(data, [{ name: 'books', on: events, url: receiver.url }])
  const given = { hooks, durability: 'full', data }
  const first = await serve(given)
  receiver.publicKey = first.key
  await (await people(first)).propose({})
  await receiver.had(1)
  receiver.answers = ['hang']
  await (await people(first)).propose({})
  await receiver.had(2)
  await first.stop()
  const second = await serve(given)
  await (await people(second)).propose({})
  const ids = (await receiver.had(4)).map(({ id }) => id)
  expect(ids[2]).toBe(ids[1])
  expect(new Set(ids).size).toBe(3)
  expect(receiver.faults).toEqual([])
})

test('with a file of hooks that is wrong, no server starts', async () => {
  const data = temporary()
  const hooks = writeHooks(data, [{ name: 'books', on: events, url: 'http://books.example/' }])
  const options = resolveOptions({ port: '0', data, hooks })
  await expect(startServer(options)).rejects.toThrow(StartError)
  expect(existsSync(join(data, 'hooks'))).toBe(false)
})
