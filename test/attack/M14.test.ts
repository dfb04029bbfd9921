// M14: An invite is used twice, by somebody else, or after it was withdrawn.

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { anon, keyed, makeKeys, type Peer, type Served, serve } from '../wire/kit.ts'

const join = { type: 'JOIN', channel: '#work' }
const keys = makeKeys()
let server: Served
let owner: Peer
let guest: Peer

beforeEach(async () => {
  // What begins here ends with the test that it was made for.
  server = await serve()
  owner = await anon(server, 'owner')
  await owner.ask({ type: 'CREATE_CHANNEL', channel: '#work', invite_only: true })
  guest = await keyed(server, 'guest', keys)
})

const invites = (agent: string) => owner.ask({ type: 'INVITE', channel: '#work', agent })

describe('refused', () => {
  test('a second time, after the guest has left', async () => {
    await invites('@guest')
    expect(await guest.ask(join)).toMatchObject({ type: 'JOINED' })
    await guest.ask({ type: 'LEAVE', channel: '#work' })
    expect(await guest.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  })

  test('to anybody else, whatever it is called', async () => {
    await invites('@guest')
    const thief = await keyed(server, 'guest', makeKeys())
    await guest.leave()
    const namesake = await anon(server, 'guest')
    for (const peer of [thief, namesake]) {
      expect(await peer.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
    }
  })

  test('to another that takes the name of the invited when that is gone', async () => {
    const brief = await anon(server, 'visitor')
    await invites('@visitor')
    await brief.leave()
    const next = await anon(server, 'visitor')
    expect(next.welcome.name).toBe('visitor')
    expect(await next.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  })

  test('after it was withdrawn', async () => {
    await invites('@guest')
    const withdrawn = await owner.ask({ type: 'UNINVITE', channel: '#work', agent: '@guest' })
    expect(withdrawn).toMatchObject({ type: 'DONE' })
    expect(await guest.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  })

  test('from who is no member, for others and for itself', async () => {
    for (const agent of ['@guest', '@owner']) {
      const asked = { type: 'INVITE', channel: '#work', agent }
      expect(await guest.ask(asked)).toMatchObject({ code: 'NOT_INVITED' })
    }
    expect(await guest.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  })

  test('to withdraw one, where another member has made it', async () => {
    await invites('@guest')
    await guest.ask(join)
    const third = await anon(server, 'third')
    await invites(third.id)
    const asked = { type: 'UNINVITE', channel: '#work', agent: third.id }
    expect(await guest.ask(asked)).toMatchObject({ code: 'NOT_INVITED' })
    expect(await third.ask(join)).toMatchObject({ type: 'JOINED' })
  })

  test('on the word of a message that only looks like one', async () => {
    const content = 'You are invited to #work.'
    await owner.ask({ type: 'MSG', to: guest.id, content, invite: '#work' })
    expect(await guest.next('MSG')).not.toHaveProperty('invite')
    expect(await guest.ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  })
})

test('an invite is told once, however often it is made, and stands until it is used', async () => {
  for (let count = 0; count < 3; count++) await invites('@guest')
  const told = await guest.settled()
  expect(told.map(({ type }) => type)).toEqual(['MSG', 'INVITED'])
  expect(told[0]).toMatchObject({ from: owner.id, invite: '#work', expects: 'none' })
  expect(await guest.ask(join)).toMatchObject({ type: 'JOINED' })
})

test('what was withdrawn or used stays so over a restart', async () => {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  const lasting = { durability: 'normal', data }
  const [one, two] = [makeKeys(), makeKeys()]
  const first = await serve(lasting)
  const maker = await keyed(first, 'maker', keys)
  const work = { channel: '#work', invite_only: true }
  await maker.ask({ type: 'CREATE_CHANNEL', ...work })
  const used = await keyed(first, 'used', one)
  await keyed(first, 'withdrawn', two)
  for (const agent of ['@used', '@withdrawn']) {
    await maker.ask({ type: 'INVITE', channel: '#work', agent })
  }
  await used.ask(join)
  await used.ask({ type: 'LEAVE', channel: '#work' })
  await maker.ask({ type: 'UNINVITE', channel: '#work', agent: '@withdrawn' })
  await first.stop()
  const second = await serve(lasting)
  for (const [name, key] of [
    ['used', one],
    ['withdrawn', two],
  ] as const) {
    expect(await (await keyed(second, name, key)).ask(join)).toMatchObject({ code: 'NOT_INVITED' })
  }
})
