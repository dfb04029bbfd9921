// Pins: the wire as it is, word by word. Red here asks: was this change of the wire deliberate?

import { expect, test } from 'vitest'
import type { Ask, Note, Shape, Tell } from '../../src/protocol/declare.ts'
import { closes, refusals } from '../../src/protocol/errors.ts'
import { asks, notes, tells } from '../../src/protocol/frames.ts'
import { limits } from '../../src/protocol/limits.ts'

/** The names of fields; a question mark stands behind what may be absent. */
function namesOf(fields: Shape): string {
  return Object.entries(fields)
    .map(([name, field]) => name + (field.safeParse(undefined).success ? '?' : ''))
    .join(' ')
}

function mapped<T>(table: Readonly<Record<string, T>>, show: (item: T) => unknown): object {
  return Object.fromEntries(Object.entries(table).map(([name, item]) => [name, show(item)]))
}

test('what clients send: kind, who may, fields', () => {
  const shown = mapped<Ask<Shape, string, Shape>>(
    asks,
    ({ kind, from, fields }) => `${kind} ${from}: ${namesOf(fields)}`,
  )
  expect(shown).toEqual({
    IDENTIFY: 'query anyone: name pubkey? v? nonce? resume? brief?',
    VERIFY_IDENTITY: 'query anyone: challenge_id signature timestamp v?',
    PING: 'query anyone: ',
    RESUME: 'query agent: after? limit?',
    ACK: 'command key: position',
    LIST_CHANNELS: 'query anyone: ',
    CREATE_CHANNEL: 'command agent: channel invite_only? topic?',
    JOIN: 'command agent: channel replay?',
    LEAVE: 'command agent: channel',
    INVITE: 'command agent: channel agent',
    UNINVITE: 'command agent: channel agent',
    LIST_AGENTS: 'query agent: channel',
    MSG: 'command agent: to content cid? sig? ts? in_reply_to? expects?',
    HISTORY: 'query agent: target after? before? limit?',
    RESPONDING_TO: 'command agent: msg_id channel started_at?',
    WHOIS: 'query agent: agent',
    SET_NICK: 'command agent: nick',
    ALLOW_LEGACY: 'command key: allow',
    SET_PRESENCE: 'command agent: status status_text?',
    TYPING: 'signal agent: channel',
    VERIFY_REQUEST: 'command agent: target nonce',
    VERIFY_RESPONSE: 'command agent: request_id nonce sig v?',
  })
})

test('what answers it, and whether in silence', () => {
  const manner = ({ quiet, silent }: Ask<Shape, string, Shape>) =>
    (quiet ? ' quiet' : '') + (silent ? ' silent' : '')
  const shown = mapped<Ask<Shape, string, Shape>>(asks, (ask) => ask.answer + manner(ask))
  expect(shown).toEqual({
    IDENTIFY: 'WELCOME',
    VERIFY_IDENTITY: 'WELCOME',
    PING: 'PONG',
    RESUME: 'RESUMED',
    ACK: 'DONE quiet',
    LIST_CHANNELS: 'CHANNELS',
    CREATE_CHANNEL: 'JOINED',
    JOIN: 'JOINED',
    LEAVE: 'LEFT',
    INVITE: 'DONE quiet',
    UNINVITE: 'DONE quiet',
    LIST_AGENTS: 'AGENTS',
    MSG: 'SENT quiet',
    HISTORY: 'HISTORY_PAGE',
    RESPONDING_TO: 'DONE quiet silent',
    WHOIS: 'AGENT',
    SET_NICK: 'DONE quiet',
    ALLOW_LEGACY: 'DONE',
    SET_PRESENCE: 'DONE quiet',
    TYPING: 'DONE quiet silent',
    VERIFY_REQUEST: 'VERIFY_REQUEST',
    VERIFY_RESPONSE: 'DONE quiet',
  })
})

test('what servers send: kind and fields', () => {
  const shown = mapped<Tell<Shape>>(tells, ({ kind, fields }) => `${kind}: ${namesOf(fields)}`)
  expect(shown).toEqual({
    CHALLENGE: 'reply: challenge_id nonce expires_at server server_key server_sig? time versions',
    WELCOME: 'reply: agent_id name server session position cursor? channels limits? caps?',
    PONG: 'reply: ',
    DONE: 'reply: ',
    ERROR: 'reply: code message retry_after_ms? limit?',
    RESUMED: 'reply: position count more forgotten?',
    SESSION_DISPLACED: 'event: reason new_ip',
    SERVER_CLOSING: 'event: retry_after_ms',
    CHANNELS: 'reply: list total',
    JOINED: 'reply: channel position agents total',
    LEFT: 'reply: channel',
    AGENTS: 'reply: channel list total',
    // Without `agent_id`: older clients would take it for a message.
    AGENT_JOINED: 'event: channel agent name position',
    AGENT_LEFT: 'event: channel agent name position',
    INVITED: 'event: channel from from_name position',
    MSG:
      'event: from from_name to content msg_id position? prev? cid? auth in_reply_to? thread? ' +
      'mentions? expects? depth? sig? sig_ts? sig_version? key? invite? replay?',
    SENT: 'reply: position msg_id cid? repeat? recipients sessions',
    HISTORY_PAGE: 'reply: target messages next forgotten?',
    FLOOR_CLAIMED: 'event: msg_id channel holder holder_name started_at position',
    YIELD: 'event: msg_id channel holder holder_started_at reason',
    AGENT: 'reply: id name presence status_text auth last_seen? key? pubkey? fingerprint?',
    NICK_CHANGED: 'event: agent_id old_nick new_nick position',
    PRESENCE_CHANGED: 'event: agent_id name presence status_text position',
    TYPING: 'event: from from_name channel',
    VERIFY_REQUEST: 'event: request_id from target nonce status?',
    VERIFY_SUCCESS: 'event: request_id agent pubkey',
    VERIFY_FAILED: 'event: request_id target reason',
  })
})

test('what stands in logs: entries of nodes, and what the edge adds to those of clients', () => {
  expect(mapped<Note<Shape>>(notes, ({ fields }) => namesOf(fields))).toEqual({
    SESSION_OPENED: 'session agent name key? version brief server frame_bytes?',
    SESSION_CLOSED: 'session',
    TICK: '',
  })
  const added = Object.entries<Ask<Shape, string, Shape>>(asks).flatMap(([type, { edge }]) =>
    Object.keys(edge).length === 0 ? [] : [`${type}: ${namesOf(edge)}`],
  )
  expect(added).toEqual(['MSG: proof? parent?', 'VERIFY_RESPONSE: genuine'])
})

test('refusal codes, and whether the same frame may succeed later', () => {
  expect(mapped(refusals, ({ retry }) => retry)).toEqual({
    INVALID_MSG: false,
    INVALID_NAME: false,
    AUTH_REQUIRED: false,
    SIGNATURE_REQUIRED: false,
    VERIFICATION_FAILED: false,
    VERIFICATION_EXPIRED: false,
    V1_REQUIRED: false,
    RATE_LIMITED: true,
    LIMIT_REACHED: false,
    CHANNEL_NOT_FOUND: false,
    CHANNEL_EXISTS: false,
    NOT_INVITED: false,
    AGENT_NOT_FOUND: false,
    NO_PUBKEY: false,
    CID_CONFLICT: false,
    INTERNAL: true,
  })
})

test('close codes, and whether to come back', () => {
  expect(mapped(closes, ({ code, reconnect }) => [code, reconnect])).toEqual({
    NORMAL: [1000, false],
    NOT_TEXT: [1003, false],
    TOO_BIG: [1009, false],
    FAULT: [1011, true],
    RESTART: [1012, true],
    TRY_LATER: [1013, true],
    BAD_FRAMES: [4400, false],
    LOGIN_TIMEOUT: [4401, true],
    SLOW_READER: [4408, true],
    TOO_OLD: [4410, false],
    FLOOD: [4429, true],
  })
})

test('limits', () => {
  expect(limits).toEqual({
    frame_bytes: 262_144,
    nesting: 32,
    keys_per_object: 256,
    ref_characters: 64,
    content_characters: 200_000,
    mentions: 20,
    name_characters: 32,
    status_text_characters: 200,
    topic_characters: 500,
    members_per_channel: 20_000,
    channels_per_agent: 100,
    channels_owned: 20,
    channels: 100_000,
    empty_channels: 1_000,
    open_invites: 100,
    agents_known: 100_000,
    members_listed: 1_000,
    channels_listed: 1_000,
    sessions_per_agent: 8,
    take_overs_a_minute: 3,
    page_messages: 200,
    page_bytes: 262_144,
    join_replay: 50,
    cids_remembered: 256,
    conversations_remembered: 100_000,
    challenge_ms: 30_000,
    authenticate_ms: 10_000,
    verification_ms: 30_000,
    open_verifications: 20,
    turn_lease_ms: 45_000,
    open_turns: 20,
    turns: 10_000,
    behind_ms: 86_400_000,
    ahead_ms: 300_000,
    legacy_pause_ms: 2_592_000_000,
    empty_channel_ms: 86_400_000,
    unseen_agent_ms: 7_776_000_000,
  })
})
