// M14: An invite is used by another agent, twice, or after it was withdrawn.

import { expect, test } from 'vitest'
import { anon, keyed, makeKeys, serve } from '../wire/kit.ts'

const join = { type: 'JOIN', channel: '#secret' }

async function privateChannel() {
  const server = await serve()
  const operator = await anon(server, 'alice')
  await operator.ask({ type: 'CREATE_CHANNEL', channel: '#secret', invite_only: true })
  const bob = await keyed(server, 'bob', makeKeys())
  const invite = (agent: string) => operator.ask({ type: 'INVITE', channel: '#secret', agent })
  return { server, operator, bob, invite }
}

test('an invite lets in nobody but the invited', async () => {
  const { server, bob, invite } = await privateChannel()
  await invite('@bob')
  const thief = await anon(server, 'bob')
  expect(thief.welcome.name).not.toBe('bob')
  expect(await thief.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  expect(await bob.ask(join)).toMatchObject({ type: 'JOINED' })
})

test('an invite is good once', async () => {
  const { bob, invite } = await privateChannel()
  await invite(bob.id)
  await bob.ask(join)
  await bob.ask({ type: 'LEAVE', channel: '#secret' })
  expect(await bob.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
})

test('an invite that was withdrawn is worth nothing', async () => {
  const { operator, bob, invite } = await privateChannel()
  await invite(bob.id)
  await operator.ask({ type: 'UNINVITE', channel: '#secret', agent: bob.id })
  expect(await bob.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
})

test('an invite goes with the agent that it was for', async () => {
  const { server, invite } = await privateChannel()
  const eve = await anon(server, 'eve')
  await invite(eve.id)
  await eve.leave()
  const again = await anon(server, 'eve')
  expect(await again.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
})

test('nobody outside invites, and the history of the channel stays inside', async () => {
  const { server, operator, bob } = await privateChannel()
  await operator.ask({ type: 'MSG', to: '#secret', content: 'hush' })
  const eve = await anon(server, 'eve')
  expect(await eve.ask({ type: 'INVITE', channel: '#secret', agent: bob.id })).toMatchObject({
    code: 'NOT_INVITED',
  })
  for (const frame of [
    { type: 'HISTORY', target: '#secret' },
    { type: 'MSG', to: '#secret', content: 'x' },
    { type: 'LIST_AGENTS', channel: '#secret' },
    { type: 'TYPING', channel: '#secret' },
  ]) {
    expect(await eve.ask(frame)).toMatchObject({ type: 'ERROR' })
  }
  expect(JSON.stringify(await eve.ask({ type: 'LIST_CHANNELS' }))).not.toContain('#secret')
})
