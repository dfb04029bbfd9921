// A reader that does not read: it is cut with its own code, resumes by position, and nobody else feels it.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anon, type Frame, hasty, keyed, makeKeys, serve } from './kit.ts'

const mostMessages = 600
const content = 'x'.repeat(100_000)

const positionsOf = (frames: readonly Frame[]) =>
  frames.filter(({ type }) => type === 'MSG').map(({ position }) => Number(position))

// The two seconds that whoever is cut has to read on and go do not pass, however busy the machine is.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('is cut with 4408, resumes and has missed nothing; others hear all of it meanwhile', async () => {
  const server = await serve(hasty)
  const bob = makeKeys()
  const [talker, healthy] = [await anon(server, 'alice'), await anon(server, 'carol')]
  const slow = await keyed(server, 'bob', bob)
  for (const peer of [talker, healthy, slow]) await peer.ask({ type: 'JOIN', channel: '#general' })

  slow.ws.pause()
  const said: number[] = []
  const isCut = () => server.reports.some(({ name }) => name === 'readers-cut')
  while (!isCut() && said.length < mostMessages) {
    const { position } = await talker.ask({ type: 'MSG', to: '#general', content })
    said.push(Number(position))
  }
  expect(isCut()).toBe(true)
  slow.ws.resume()
  expect(await slow.closed).toMatchObject({ code: 4408 })
  for (let at = 0; at < 5; at++) {
    const { position } = await talker.ask({ type: 'MSG', to: '#general', content: 'small' })
    said.push(Number(position))
  }

  const heard = positionsOf(slow.heard)
  expect(heard).toEqual(said.slice(0, heard.length))
  expect(heard.length).toBeLessThan(said.length)
  const back = await keyed(server, 'bob', bob, { resume: true })
  let after = heard.at(-1) ?? 0
  for (let more = true; more; ) {
    const page = await back.ask({ type: 'RESUME', after })
    after = Number(page.position)
    more = page.more === true
  }
  expect([...heard, ...positionsOf(back.heard)]).toEqual(said)
  await healthy.settled('none')
  expect(positionsOf(healthy.heard)).toEqual(said)
  expect(server.reports.filter(({ name }) => name === 'readers-cut')).toHaveLength(1)
})
