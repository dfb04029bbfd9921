// R10: One agent sends as fast as it can, so that the others are not heard.

import { expect, test } from 'vitest'
import { ask, holder, say } from '../doors/http-kit.ts'
import { anon, connect, hasty, idOf, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const slow = { rate: '1', burst: '10' }

test('an agent at a hundred times its pace is told when to go on, and then closed with 4429', async () => {
  const server = await serve(slow)
  const [mallory, bob] = [await anon(server, 'mallory'), await anon(server, 'bob')]
  for (const peer of [mallory, bob]) await peer.ask({ type: 'JOIN', channel: '#general' })

  for (let at = 0; at < 1_000; at++) mallory.send({ type: 'MSG', to: '#general', content: `${at}` })
  const own = await Promise.all(
    Array.from({ length: 5 }, () => bob.ask({ type: 'MSG', to: '#general', content: 'mine' })),
  )

  expect((await mallory.closed).code).toBe(4429)
  const refused = mallory.heard.filter(({ code }) => code === 'RATE_LIMITED')
  expect(refused.length).toBeGreaterThan(10)
  expect(Number(refused[0]?.retry_after_ms)).toBeGreaterThan(0)
  expect(own.map(({ type }) => type)).toEqual(own.map(() => 'SENT'))
  const heard = await bob.settled('MSG')
  expect(heard.filter(({ from }) => from === mallory.id).length).toBeLessThanOrEqual(12)
})

test('more connections of one agent share its pace', async () => {
  const server = await serve(slow)
  const keys = makeKeys()
  const peers = []
  for (let at = 0; at < 4; at++) peers.push(await keyed(server, 'mallory', keys))
  const said = signedMessage(keys, { to: idOf(keys), content: 'x' })
  const answers = await Promise.all(
    peers.flatMap((peer) => Array.from({ length: 4 }, () => peer.ask(said))),
  )
  expect(answers.filter(({ type }) => type === 'SENT').length).toBeLessThanOrEqual(11)
  expect(answers.filter(({ code }) => code === 'RATE_LIMITED').length).toBeGreaterThanOrEqual(5)
})

test('other requests, and bytes, have their bounds too', async () => {
  const server = await serve(slow)
  const mallory = await anon(server, 'mallory')
  for (let at = 0; at < 2_000; at++) mallory.send({ type: 'LIST_CHANNELS' })
  expect((await mallory.closed).code).toBe(4429)

  const loud = await connect(server)
  for (let at = 0; at < 200; at++) loud.send(`"${'x'.repeat(200_000)}"`)
  expect((await loud.closed).code).toBeGreaterThanOrEqual(4400)
})

test('whoever is not in a channel cannot use up what its members may say', async () => {
  const server = await serve({ rate: '0.01', burst: '1' })
  const strangers = []
  for (let at = 0; at < 60; at++) strangers.push(await anon(server, 'stranger'))
  const bob = await anon(server, 'bob')
  await bob.ask({ type: 'JOIN', channel: '#general' })
  const answers = await Promise.all(
    strangers.map((peer) => peer.ask({ type: 'MSG', to: '#general', content: 'x' })),
  )
  expect(answers.map(({ code }) => code)).toEqual(strangers.map(() => 'NOT_INVITED'))
  expect(await bob.ask({ type: 'MSG', to: '#general', content: 'mine' })).toMatchObject({
    type: 'SENT',
  })
})

test('an agent within its pace is never refused', async () => {
  const bob = await anon(await serve(hasty), 'bob')
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => bob.ask({ type: 'MSG', to: bob.id, content: 'x' })),
  )
  expect(answers.filter(({ type }) => type !== 'SENT')).toEqual([])
})

test('good frames in between do not wash away what came too fast', async () => {
  const server = await serve({ rate: '10', burst: '10' })
  const mallory = await anon(server, 'mallory')
  await mallory.ask({ type: 'JOIN', channel: '#general' })
  let isOver = false
  void mallory.closed.then(() => {
    isOver = true
  })
  // As many as are under the bound at once, then a good frame, again and again.
  for (let round = 0; round < 20 && !isOver; round++) {
    for (let at = 0; at < 80; at++) mallory.send({ type: 'MSG', to: '#general', content: 'x' })
    mallory.send({ type: 'PING' })
    await Promise.race([mallory.next('PONG').catch(() => {}), mallory.closed])
  }
  expect(await mallory.closed).toMatchObject({ code: 4429 })
})

test('over HTTP an agent has the pace that it has on sockets, and others are heard', async () => {
  const server = await serve(slow)
  const [mallory, bob] = [await holder(server, 'mallory'), await holder(server, 'bob')]
  const flood = await Promise.all(
    Array.from({ length: 60 }, (_, at) =>
      say(server, mallory.token, { to: '#general', content: `${at}` }),
    ),
  )
  expect(flood.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(11)
  const refused = flood.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThanOrEqual(49)
  for (const { headers, body } of refused) {
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(body).toMatchObject({ code: 'RATE_LIMITED' })
  }
  // Her socket and her token share one bucket.
  await expect(mallory.chat.send('#general', 'x')).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  const own = []
  for (let at = 0; at < 5; at++) {
    own.push(await say(server, bob.token, { to: '#general', content: 'mine' }))
  }
  expect(own.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
})

test('whoever goes on over HTTP is out for a while, with that token alone', async () => {
  const server = await serve(slow)
  const [mallory, bob] = [await holder(server, 'mallory'), await holder(server, 'bob')]
  for (let round = 0; round < 8; round++) {
    await Promise.all(
      Array.from({ length: 40 }, () =>
        say(server, mallory.token, { to: '#general', content: 'x' }),
      ),
    )
  }
  const { status, body } = await ask(server, mallory.token, '/v1/sent')
  expect([status, body.code]).toEqual([429, 'RATE_LIMITED'])
  expect(body.message).toContain('out for a while')
  expect((await ask(server, bob.token, '/v1/sent')).status).toBe(200)
})

test('requests of one address are limited, whatever their tokens and doors; others are served', async () => {
  const server = await serve({ ...hasty, behindProxy: 'true', connectionsPerAddress: '2' })
  const { token } = await holder(server, 'alice')
  const from = (address: string) => ({ headers: { 'X-Forwarded-For': address } })
  const statuses = []
  const doors = ['/health', '/v1/sent', '/mcp', '/skill.md']
  for (let at = 0; at < 40; at++) {
    const path = doors[at % doors.length] ?? ''
    statuses.push((await ask(server, undefined, path, from('203.0.113.7'))).status)
  }
  expect(statuses.slice(0, 20)).not.toContain(429)
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(5)
  expect((await ask(server, token, '/v1/sent', from('203.0.113.8'))).status).toBe(200)
})

test('requests that wait are connections of their address', async () => {
  const server = await serve({ ...hasty, behindProxy: 'true', connectionsPerAddress: '2' })
  const { token } = await holder(server, 'alice')
  const from = { headers: { 'X-Forwarded-For': '203.0.113.7' } }
  const waiting = [1, 2].map(() => ask(server, token, '/v1/inbox?wait=60', from))
  let status = 200
  while (status === 200) ({ status } = await ask(server, token, '/v1/sent', from))
  expect(status).toBe(429)
  const elsewhere = { headers: { 'X-Forwarded-For': '203.0.113.8' } }
  expect((await ask(server, token, '/v1/sent', elsewhere)).status).toBe(200)
  await server.stop()
  await Promise.all(waiting)
})
