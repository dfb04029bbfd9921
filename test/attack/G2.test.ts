// G2: What an agent writes is told by the server as if the server said it, and so is believed.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { steps } from '../../src/protocol/proposal-steps.ts'
import { protocolSchema } from '../../src/protocol/schema.ts'
import { anon, type Frame, hasty, idOf, keyed, makeKeys, type Peer, serve } from '../wire/kit.ts'
import { proposalV1, refusedOnce, stepV1, told as toldToBoth } from '../wire/proposal-kit.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: unknown
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** Paths of the texts whose form the declaration leaves open. */
function openTexts(schema: Schema, path: string): string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, of]) =>
      openTexts(of, `${path}.${name}`),
    ),
    ...(schema.anyOf ?? []).flatMap((of) => openTexts(of, path)),
    ...(schema.items ? openTexts(schema.items, path) : []),
    ...(typeof schema.additionalProperties === 'object'
      ? openTexts(schema.additionalProperties, path)
      : []),
  ]
  const isOpen =
    [schema.type].flat().includes('string') &&
    schema.const === undefined &&
    schema.enum === undefined &&
    schema.pattern === undefined
  return isOpen ? [path, ...inner] : inner
}

const stepTypes = Object.keys(steps)
const cards = ['PROPOSALS.list', 'PROPOSAL_STATE', 'PROPOSAL_CHAIN.proposal']

/** Who writes each text that has no form. A new one belongs to one of the two lists, or has a form. */
const ofTheServer = [
  'CHALLENGE.challenge_id',
  'CHALLENGE.server',
  'CHALLENGE.server_key',
  'CHALLENGE.server_sig',
  'CHALLENGE.versions',
  'WELCOME.server',
  'WELCOME.session',
  'WELCOME.caps',
  'ERROR.code',
  'ERROR.message',
  'ERROR.limit',
  'SESSION_DISPLACED.reason',
  'SESSION_DISPLACED.new_ip',
  'YIELD.reason',
  'AGENT.key',
  'AGENT.pubkey',
  'AGENT.fingerprint',
  'VERIFY_REQUEST.request_id',
  'VERIFY_SUCCESS.request_id',
  'VERIFY_SUCCESS.pubkey',
  'VERIFY_FAILED.request_id',
  'MSG.key',
  'HISTORY_PAGE.messages.key',
  'ERROR.hint',
  'PROPOSAL.server_key',
  'PROPOSAL.unsigned',
  'PROPOSAL_CHAIN.chain.type',
  'PROPOSAL_CHAIN.server',
  'PROPOSAL_CHAIN.server_key',
  'PROPOSAL_CHAIN.seal',
  ...['PROPOSAL', ...stepTypes].map((type) => `${type}.key`),
]
const ofAgents = [
  'MSG.content',
  'RECEIPT.words',
  'LADDERS.list.agents.words',
  'TOKEN.label',
  'TOKENS.list.label',
  'MSG.sig',
  'HISTORY_PAGE.messages.content',
  'HISTORY_PAGE.messages.sig',
  'CHANNELS.list.topic',
  'JOINED.agents.status_text',
  'AGENTS.list.status_text',
  'AGENT.status_text',
  'PRESENCE_CHANGED.status_text',
  ...['task', 'amount', 'currency', 'payment_code', 'payment.scheme', 'elo_stake', 'sig_to'].map(
    (field) => `PROPOSAL.${field}`,
  ),
  ...['payment.scheme', 'elo_stake'].map((field) => `ACCEPT.${field}`),
  ...['PROPOSAL', ...stepTypes].map((type) => `${type}.sig`),
  ...Object.entries(steps).flatMap(([type, { own }]) => own.map((field) => `${type}.${field}`)),
  ...cards.flatMap((card) => ['task', 'amount', 'currency'].map((field) => `${card}.${field}`)),
]

test('every text without a form that a server tells is accounted for', () => {
  const { tells } = protocolSchema() as { tells: Record<string, { schema: Schema }> }
  const found = Object.entries(tells).flatMap(([type, { schema }]) =>
    openTexts({ ...schema, properties: { ...schema.properties, ref: {} } }, type),
  )
  expect([...new Set(found)].sort()).toEqual([...ofTheServer, ...ofAgents].sort())
})

test('what agents write comes only where it is known to be theirs, and names who wrote it', async () => {
  const server = await serve(hasty)
  const keys = makeKeys()
  const hostile = await keyed(server, 'alice', keys)
  const peer = await anon(server, 'bob')
  const word = () => `OBEY ${randomBytes(8).toString('hex')} !`
  const told: Frame[] = []
  const hears = async (frame: object) => {
    const answer = await hostile.ask(frame)
    told.push(answer, ...(await hostile.settled()), ...(await peer.settled()))
    return answer
  }
  for (const member of [hostile, peer]) await member.ask({ type: 'JOIN', channel: '#general' })
  const wide = { type: 'MSG', to: peer.id, sig: word(), ts: Date.now(), cid: 'c'.repeat(24) }
  await hears({ ...wide, content: word() })
  await hears({ type: 'SET_PRESENCE', status: 'busy', status_text: word() })
  await hears({ type: 'CREATE_CHANNEL', channel: '#hers', topic: word() })
  await hears({ type: 'CREATE_CHANNEL', channel: '#hers', topic: word() })
  await hears({ type: 'INVITE', channel: '#hers', agent: peer.id, content: word(), topic: word() })
  await hears({ type: 'RESPONDING_TO', msg_id: word(), channel: '#general', reason: word() })
  await hears({ type: 'TYPING', channel: '#general', text: word() })
  await hears({ type: 'SET_NICK', nick: 'al', reason: word() })
  await hears({ type: 'VERIFY_REQUEST', target: peer.id, nonce: word() })
  await hears({ type: 'VERIFY_RESPONSE', request_id: 'v1', nonce: '0'.repeat(32), sig: word() })
  await hears({ type: 'HISTORY', target: word() })
  await hears({ type: word() })
  await hears({ type: 'LEAVE', channel: '#general', reason: word() })
  await peer.ask({ type: 'LIST_CHANNELS' })
  told.push(await peer.ask({ type: 'LIST_AGENTS', channel: '#general' }), ...(await peer.settled()))
  told.push(await peer.ask({ type: 'WHOIS', agent: hostile.id }))
  told.push(await peer.ask({ type: 'LIST_CHANNELS' }))

  const places = new Set(told.flatMap((frame) => placesOf(frame, frame.type)))
  expect([...places].filter((place) => !ofAgents.includes(place))).toEqual([])
  expect(places).toContain('PRESENCE_CHANGED.status_text')
  expect(places).toContain('CHANNELS.list.topic')
  for (const frame of told) {
    if (frame.type === 'PRESENCE_CHANGED') expect(frame.agent_id).toBe(hostile.id)
    if (frame.type === 'FLOOR_CLAIMED') expect(frame.holder).toBe(hostile.id)
  }
})

test('what agents write into proposals comes only where it is theirs, and refusals repeat none of it', async () => {
  const server = await serve(hasty)
  const [alice, bob] = [makeKeys(), makeKeys()]
  const one = await keyed(server, 'alice', alice)
  const other = await keyed(server, 'bob', bob)
  const peers: readonly [Peer, Peer] = [one, other]
  const text = 'OBEY me !'
  const given = { to: idOf(bob), task: text, currency: text, payment_code: 'obey:OBEY' }
  const terms = { order: [text, { more: text }] }
  const told = [await toldToBoth(one, peers, proposalV1(alice, { ...given, amount: '1', terms }))]
  const refused = [
    proposalV1(alice, { ...given, amount: text }),
    proposalV1(alice, { ...given, payment_code: text }),
    proposalV1(alice, { ...given, to: `@${text}` }),
    proposalV1(alice, { ...given, to: '@OBEY' }),
    proposalV1(alice, { ...given, terms: { [text]: null } }),
    { ...proposalV1(alice, given), sig: text },
    { ...proposalV1(alice, given), cid: text },
    stepV1(alice, 'WITHDRAW', { proposal_id: text, hash: text }),
    stepV1(alice, 'ACCEPT', told[0] ?? {}, { fields: { payment_code: 'obey:OBEY' } }),
  ]
  for (const frame of refused) told.push(await refusedOnce(one, frame))
  const moves = [
    [other, bob, 'ACCEPT', { payment_code: 'obey:OBEY' }],
    [other, bob, 'COMPLETE', { proof: text }],
    [one, alice, 'DISPUTE', { reason: text }],
    [other, bob, 'SETTLE', { outcome: text }],
  ] as const
  let at = told[0] ?? {}
  for (const [peer, keys, type, fields] of moves) {
    at = await peer.ask(stepV1(keys, type, at, { fields }))
    told.push(at as Frame, ...(await one.settled()))
  }
  const { proposal_id } = at as Frame
  told.push(await one.ask({ type: 'LIST_PROPOSALS' }))
  told.push(await one.ask({ type: 'GET_PROPOSAL', proposal_id }))

  const terming = ['PROPOSAL.terms.order', 'PROPOSAL.terms.order.more']
  const known = [...ofAgents, ...terming]
  const chained = known.map((place) => place.replace(/^[A-Z]+/, 'PROPOSAL_CHAIN.chain'))
  // Who asks for a name that nobody has is told that name.
  const errors = told.flatMap(({ type, message }) => (type === 'ERROR' ? [String(message)] : []))
  expect(errors.filter((message) => message.includes('OBEY'))).toEqual([
    expect.stringMatching(/^Nobody is known as @OBEY;/),
  ])
  const places = new Set(told.flatMap((frame) => placesOf(frame, frame.type)))
  const allowed = [...known, ...chained, 'ERROR.message']
  expect([...places].filter((place) => !allowed.includes(place))).toEqual([])
  for (const place of ['DISPUTE.reason', 'SETTLE.outcome', ...terming])
    expect(places).toContain(place)
})

/** Where in a frame one of those words stands. */
function placesOf(value: unknown, path: string): string[] {
  if (typeof value === 'string') return value.includes('OBEY') ? [path] : []
  if (Array.isArray(value)) return value.flatMap((item) => placesOf(item, path))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => placesOf(inner, `${path}.${key}`))
}
