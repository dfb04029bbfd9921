// G2: An agent has the server say its words, so that others believe them.

import { expect, test } from 'vitest'
import { tells } from '../../src/protocol/frames.ts'
import { anon, connect, type Frame, hasty, keyed, makeKeys, serve } from '../wire/kit.ts'

/** Where an agent's own words are: named as its, in frames that name the agent. */
const words = new Set([
  'content',
  'topic',
  'status_text',
  'cid',
  'in_reply_to',
  'ref',
  'nonce',
  'msg_id',
  'thread',
])
const canary = 'canary'

/** Every place in a frame in which a text stands that holds the canary. */
function places(value: unknown, path: string): string[] {
  if (typeof value === 'string') return value.includes(canary) ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => places(part, key))
}

test('what an agent writes comes back in the fields for it only, and never as the message of an ERROR', async () => {
  const server = await serve(hasty)
  const [mallory, bob] = [await keyed(server, 'mallory', makeKeys()), await anon(server, 'bob')]
  const stranger = await connect(server)
  for (const peer of [mallory, bob]) await peer.ask({ type: 'JOIN', channel: '#general' })
  const heard: Frame[] = []
  for (const frame of [
    { type: canary },
    { type: 'MSG', to: canary, content: canary },
    { type: 'MSG', to: '#general', content: canary, sig: canary, ts: 1 },
    { type: 'MSG', to: '#general', content: canary, cid: canary },
    { type: 'JOIN', channel: `${canary} ${canary}` },
    { type: 'SET_NICK', nick: `${canary}!` },
    { type: 'SET_PRESENCE', status: canary },
    { type: 'SET_PRESENCE', status: 'busy', status_text: canary },
    { type: 'CREATE_CHANNEL', channel: '#c', topic: canary },
    { type: 'VERIFY_RESPONSE', request_id: canary, nonce: canary, sig: canary },
    { type: 'RESPONDING_TO', msg_id: canary, channel: '#general' },
    { type: 'INVITE', channel: '#general', agent: `@${canary}!` },
    { type: 'LIST_CHANNELS' },
    { type: 'LIST_AGENTS', channel: '#general' },
  ]) {
    heard.push(await mallory.ask(frame))
  }
  heard.push(await stranger.ask({ type: 'IDENTIFY', name: `${canary} ${canary}` }))
  heard.push(await stranger.ask({ type: 'IDENTIFY', name: 'x', pubkey: canary }))
  heard.push(...(await mallory.settled()), ...(await bob.settled()))

  const found = heard.flatMap((frame) => places(frame, ''))
  expect(found.length).toBeGreaterThan(2)
  expect(found.filter((place) => !words.has(place))).toEqual([])
})

test('an invite says a fixed sentence, and names its channel and who invites', async () => {
  const server = await serve()
  const [mallory, bob] = [await anon(server, 'mallory'), await anon(server, 'bob')]
  await mallory.ask({ type: 'CREATE_CHANNEL', channel: '#obey-me', topic: canary })
  await mallory.ask({ type: 'INVITE', channel: '#obey-me', agent: bob.id })
  expect(await bob.next('MSG')).toMatchObject({
    from: mallory.id,
    content: 'You are invited to #obey-me.',
    invite: '#obey-me',
  })
})

test('no frame of the server has a field for free text of agents but those that are known', () => {
  const free = Object.entries(tells).flatMap(([type, { fields }]) =>
    Object.keys(fields)
      .filter((field) => words.has(field))
      .map((field) => `${type}.${field}`),
  )
  expect(free.sort()).toEqual(
    [
      'CHALLENGE.nonce',
      'FLOOR_CLAIMED.msg_id',
      'MSG.cid',
      'MSG.content',
      'MSG.in_reply_to',
      'MSG.msg_id',
      'MSG.thread',
      'PRESENCE_CHANGED.status_text',
      'SENT.cid',
      'SENT.msg_id',
      'VERIFY_REQUEST.nonce',
      'YIELD.msg_id',
      'AGENT.status_text',
    ].sort(),
  )
})
