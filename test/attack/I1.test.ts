// I1: An agent takes the name of another, to be talked to and believed in its place.

import { describe, expect, test } from 'vitest'
import { anon, idOf, keyed, keyedV0, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()

describe('a name that a key owns', () => {
  test.each(['alice', 'Alice', 'AL1CE', 'aIice'])(
    'is not to be had, as %s either',
    async (name) => {
      const server = await serve()
      const owner = await keyed(server, 'alice', alice)
      const others = [
        await anon(server, name),
        await anon(server, name, { v: 1 }),
        await keyed(server, name, makeKeys()),
        await keyedV0(server, name, makeKeys()),
      ]
      for (const other of others) {
        expect(other.welcome.name).not.toBe(name)
        expect(other.welcome.name).toMatch(new RegExp(`^${name}-\\d$`))
        expect(await other.ask({ type: 'SET_NICK', nick: name })).toMatchObject({
          code: 'INVALID_NAME',
        })
      }
      await others[0]?.ask({ type: 'MSG', to: '@alice', content: 'for the owner' })
      expect(await owner.settled('MSG')).toMatchObject([{ content: 'for the owner', to: owner.id }])
      for (const other of others.slice(1)) expect(await other.settled('MSG')).toEqual([])
    },
  )

  test('stays its own while it is away', async () => {
    const server = await serve()
    await (await keyed(server, 'alice', alice)).leave()
    const other = await anon(server, 'alice')
    expect(other.welcome.name).toBe('alice-2')
    const sender = await anon(server, 'bob')
    expect(await sender.ask({ type: 'MSG', to: '@alice', content: 'x' })).toMatchObject({
      recipients: [{ id: idOf(alice) }],
    })
    expect(await other.settled('MSG')).toEqual([])
  })
})

test('of two without a key that are called alike neither is reached by name, each by its id', async () => {
  const server = await serve()
  const [one, other] = [await anon(server, 'worker'), await anon(server, 'worker')]
  expect(one.welcome.name).toBe(other.welcome.name)
  const sender = await anon(server, 'boss')
  expect(await sender.ask({ type: 'MSG', to: '@worker', content: 'x' })).toMatchObject({
    code: 'AGENT_NOT_FOUND',
    message: expect.stringContaining('id'),
  })
  await sender.ask({ type: 'MSG', to: other.id, content: 'for one' })
  expect(await one.settled('MSG')).toEqual([])
  expect(await other.settled('MSG')).toMatchObject([{ to: other.id, content: 'for one' }])
})

test('what is said names the id and how the server knows it, beside the name', async () => {
  const server = await serve()
  const owner = await keyed(server, 'alice', alice)
  const other = await anon(server, 'bob')
  for (const peer of [owner, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
  other.send({ type: 'MSG', to: '#general', content: 'x', from: owner.id, from_name: 'alice' })
  owner.send(signedMessage(alice, { to: '#general', content: 'y' }))
  await owner.settled('none')
  expect(await other.settled('MSG')).toMatchObject([
    { from: other.id, from_name: 'bob', auth: 'anon' },
    { from: owner.id, from_name: 'alice', auth: 'v1', key: alice.raw },
  ])
})
