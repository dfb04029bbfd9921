// Decoding: what is refused before a handler sees it, and 200,000 mutated frames that stop nothing.

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { consult, execute } from '../../src/core/execute.ts'
import { linkOf } from '../../src/core/proposal-cards.ts'
import { freeze } from '../../src/core/snapshot.ts'
import { utf8 } from '../../src/protocol/bytes.ts'
import { type Decoded, decode } from '../../src/protocol/decode.ts'
import { Refusal, refusals } from '../../src/protocol/errors.ts'
import { asks } from '../../src/protocol/frames.ts'
import { limits } from '../../src/protocol/limits.ts'
import { hashOf } from '../../src/protocol/proposal-signing.ts'
import { proposals } from '../../src/protocol/proposals.ts'
import { coreTown } from '../kit/core.ts'
import { keyPairOf } from '../kit/identity.ts'
import { worldFaults } from '../kit/invariants.ts'
import { mutatedFrame } from '../kit/mutations.ts'
import { type Random, randomFrom } from '../kit/random.ts'

function refusalOf(text: string): { code: string; message: string; ref: string | undefined } {
  const decoded = decode(text)
  if (!('refusal' in decoded)) throw new Error(`${text.slice(0, 100)} was let through.`)
  const { refusal, ref } = decoded
  expect(refusal).toBeInstanceOf(Refusal)
  return { code: refusal.code, message: refusal.message, ref }
}

describe('refused', () => {
  test.each([
    ...['null', 'true', '0', '-1.5', '1e999', '""', '"PING"', '[]', '[{"type":"PING"}]'],
    ...['', ' ', '{', '{}', '{"type":1}', '{"type":null}', '{"type":"ping"}', "{'type':'PING'}"],
    ...[
      '{"type":"PING"}}',
      '{"type":"PING",}',
      '\ufeff{"type":"PING"}',
      '{"type":"hasOwnProperty"}',
    ],
    ...['{"type":"SESSION_OPENED"}', '{"type":"TICK"}', '{"type":"WELCOME"}'],
  ])('the frame %s', (text) => {
    const { code, message } = refusalOf(text)
    expect(code).toBe('INVALID_MSG')
    expect(message).toMatch(/\.$/)
  })

  test.each(['""', '" "', '"a b"', '"é"', '7', '{}', `"${'r'.repeat(limits.ref_characters + 1)}"`])(
    'the ref %s',
    (ref) => {
      expect(refusalOf(`{"type":"PING","ref":${ref}}`).ref).toBeUndefined()
    },
  )

  test('a wrong field, by its name and with the ref of the frame', () => {
    const refused = refusalOf('{"type":"JOIN","channel":"general","ref":"r1"}')
    expect(refused.message).toContain('JOIN: "channel"')
    expect(refused.ref).toBe('r1')
  })

  test('deep and huge frames, fast', () => {
    const started = performance.now()
    for (const text of ['['.repeat(1_000_000), '{"type":'.repeat(100_000)]) refusalOf(text)
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('the bounds of a field', () => {
  const text = (length: number) => 'x'.repeat(length)
  test.each([
    [
      'content',
      limits.content_characters,
      (n: number) => ({ type: 'MSG', to: '#a', content: text(n) }),
    ],
    ['nick', limits.name_characters, (n: number) => ({ type: 'SET_NICK', nick: text(n) })],
    [
      'topic',
      limits.topic_characters,
      (n: number) => ({ type: 'CREATE_CHANNEL', channel: '#a', topic: text(n) }),
    ],
    [
      'status_text',
      limits.status_text_characters,
      (n: number) => ({ type: 'SET_PRESENCE', status: 'busy', status_text: text(n) }),
    ],
    ['replay', limits.page_messages, (n: number) => ({ type: 'JOIN', channel: '#a', replay: n })],
    ['limit', limits.page_messages, (n: number) => ({ type: 'HISTORY', target: '#a', limit: n })],
    ['limit', limits.page_messages, (n: number) => ({ type: 'RESUME', limit: n })],
    [
      'msg_id',
      limits.ref_characters,
      (n: number) => ({ type: 'RESPONDING_TO', channel: '#a', msg_id: text(n) }),
    ],
  ])('%s: %i is let through, one more is refused by name', (field, most, frame) => {
    expect(decode(JSON.stringify(frame(most)))).not.toHaveProperty('refusal')
    expect(refusalOf(JSON.stringify(frame(most + 1))).message).toContain(`"${field}"`)
  })
})

describe('let through', () => {
  test('null counts as absent, as older clients write it', () => {
    const decoded = decode('{"type":"MSG","to":"#a","content":"x","cid":null,"ref":null}')
    expect(decoded).toMatchObject({ type: 'MSG', ref: undefined })
    expect('fields' in decoded && decoded.fields).toEqual({ to: '#a', content: 'x' })
  })

  test('what is not declared is dropped, and never reaches a handler', () => {
    const decoded = decode('{"type":"PING","agent":"@a","session":"s","toString":1}')
    expect('fields' in decoded && decoded.fields).toEqual({})
  })

  test('a ref of the longest length is kept', () => {
    const ref = '~'.repeat(limits.ref_characters)
    expect(decode(JSON.stringify({ type: 'PING', ref }))).toMatchObject({ ref })
  })
})

/** A world with some life in it, and sessions that ask. */
async function fuzzedTown() {
  const town = await coreTown()
  const alice = await town.agent('alice')
  const bob = await town.keyed('bob')
  const carol = await town.keyed('carol', { version: 'v0' })
  await alice.creates('#work')
  const dave = await town.keyed('dave')
  const actors = [alice, bob, carol, dave]
  for (const actor of actors) await actor.join('#work')
  return {
    world: town.driver.world,
    sessions: actors.map(({ session }) => session),
    dictionary: {
      channels: ['#general', '#WORK', '#agents', '#c1', '#c2', '#c3', '#nowhere'],
      agents: ['@alice', '@bob', '@carol', '@nobody', ...actors.map(({ id }) => id)],
    },
  }
}

/** The types of frames that were accepted, of all seeds. */
const acceptedTypes = new Set<string>()

type Fuzzed = Awaited<ReturnType<typeof fuzzedTown>>

/** Sends one mutated frame through decoding and the core. @returns what became of it */
function send(fuzzed: Fuzzed, random: Random): string {
  const text = mutatedFrame(random, fuzzed.dictionary)
  try {
    const decoded = decode(text)
    if ('refusal' in decoded) return decoded.refusal.code
    const { type } = decoded
    if (type === 'IDENTIFY' || type === 'VERIFY_IDENTITY') return type
    return perform(fuzzed, random, decoded)
  } catch (fault) {
    throw new Error(`This frame threw: ${text.slice(0, 2_000)}`, { cause: fault })
  }
}

function perform(fuzzed: Fuzzed, random: Random, decoded: Decoded): string {
  const { world } = fuzzed
  const { type, ref, declaration, fields } = decoded
  const aim = aimedAt(fuzzed, fields, random)
  const session = random.oneIn(30) ? 'nobody' : random.pick(aim.sessions)
  const now = world.now + 0.001 + random.below(random.oneIn(20) ? 60_000 : 10)
  const draft = {
    type,
    session,
    fields: { ...aim.fields, ...edgeFields(type, random, now) },
    now,
    ...(ref !== undefined && { ref }),
  }
  const before = random.oneIn(5) ? freeze(world) : undefined
  const outcome =
    declaration.kind === 'command'
      ? execute(world, { ...draft, position: world.position + 1 })
      : consult(world, draft)
  if (before !== undefined && !outcome.accepted) expect(freeze(world)).toBe(before)
  const error = outcome.told.find(({ text }) => text.startsWith('{"type":"ERROR"'))
  if (outcome.accepted) acceptedTypes.add(type)
  if (error) return JSON.parse(error.text).code
  return outcome.accepted ? 'accepted' : 'answered'
}

const bob = keyPairOf('bob').public.id

/** A proposal is mostly a new one; a step one of the newest, behind the step before, by who has to do with it. */
function aimedAt({ world, sessions: all }: Fuzzed, fields: object, random: Random) {
  const { proposals, agents } = world
  if (random.oneIn(10)) return { fields, sessions: all }
  if ('task' in fields) {
    return { fields: { ...fields, cid: random.text('0123456789', 24) }, sessions: all }
  }
  if (!('proposal_id' in fields) || proposals.size === 0) return { fields, sessions: all }
  const proposal = random.pick([...proposals.values()].slice(-4))
  const { id, from, to, escrow } = proposal
  const concerned = [from, to, escrow].map((one) => agents.get(one ?? ''))
  const sessions = concerned.flatMap((agent) => [...(agent?.sessions ?? [])])
  return { fields: { ...fields, proposal_id: id, link: linkOf(proposal) }, sessions }
}

/** What an edge might have found out. */
function edgeFields(type: string, random: Random, now: number): object {
  if (type === 'VERIFY_RESPONSE') return { genuine: random.oneIn(2) }
  if (type === 'MSG' && random.oneIn(2)) return { proof: { version: 'v1', key: 'K'.repeat(43) } }
  if (!Object.hasOwn(proposals.asks, type) || random.oneIn(10)) return {}
  const version = random.oneIn(4) ? 'v0' : 'v1'
  const hash = hashOf(utf8(String(random.below(100_000))))
  const signed = { version, key: 'K'.repeat(43), hash }
  const ts = Math.floor(now)
  const escrow = type === 'ACCEPT' && random.oneIn(3) && { agent: bob, timeout_ms: 600_000 }
  // Of the time that is signed an edge has seen that it is near.
  return { signed, terms_hash: hash, ts, ...(escrow && { escrow }) }
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

describe('200,000 mutated frames', () => {
  // A failing seed is reproduced by: npx vitest run test/protocol/decode.test.ts -t 'seed 3'
  test.each([1, 2, 3, 4])('of seed %i stop nothing and leak nothing', async (seed) => {
    const fuzzed = await fuzzedTown()
    const random = randomFrom(seed)
    const became = new Map<string, number>()
    let early = 0
    for (let sent = 0; sent < 50_000; sent++) {
      const what = send(fuzzed, random)
      became.set(what, (became.get(what) ?? 0) + 1)
      if (sent === 10_000) early = heapAfterCollection()
      if (sent % 5_000 === 0) expect(worldFaults(fuzzed.world)).toEqual([])
    }
    expect(heapAfterCollection() - early).toBeLessThan(8 * 1024 * 1024)
    expect(worldFaults(fuzzed.world)).toEqual([])
    // Enough of them got through to mean something, and all that was refused was refused by a code.
    expect(became.get('accepted') ?? 0).toBeGreaterThan(1_000)
    expect(became.get('INVALID_MSG') ?? 0).toBeGreaterThan(10_000)
    const known = ['accepted', 'answered', 'IDENTIFY', 'VERIFY_IDENTITY', ...Object.keys(refusals)]
    expect([...became.keys()].filter((what) => !known.includes(what))).toEqual([])
  })

  test('made proposals, and took every step of them', () => {
    const made = Object.entries(proposals.asks).filter(([, { kind }]) => kind === 'command')
    expect(made.map(([type]) => type).filter((type) => !acceptedTypes.has(type))).toEqual([])
  })

  test('are made from every example', () => {
    const random = randomFrom(1)
    const dictionary = { channels: ['#general'], agents: ['@alice'] }
    const types = new Set<string>()
    for (let sent = 0; sent < 5_000; sent++) {
      const decoded = decode(mutatedFrame(random, dictionary))
      if ('type' in decoded) types.add(decoded.type)
    }
    expect([...types].sort()).toEqual(Object.keys(asks).sort())
  })
})
