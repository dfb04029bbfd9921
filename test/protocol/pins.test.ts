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
    PROPOSAL:
      'command key: to task amount? currency? payment_code? terms? expires? ' +
      'due_seconds? confirm_seconds? cid? ts? elo_stake? sig',
    ACCEPT: 'command key: proposal_id sig ts? link? payment_code? elo_stake?',
    REJECT: 'command key: proposal_id sig ts? link? reason?',
    WITHDRAW: 'command key: proposal_id sig ts? link? reason?',
    FUNDED: 'command key: proposal_id sig ts? link? reference?',
    COMPLETE: 'command key: proposal_id sig ts? link? proof?',
    CONFIRM: 'command key: proposal_id sig ts? link?',
    DISPUTE: 'command key: proposal_id sig ts? link? reason',
    SETTLE: 'command key: proposal_id sig ts? link? outcome',
    LIST_PROPOSALS: 'query key: status? role? channel? prefix? before? limit?',
    GET_PROPOSAL: 'query key: proposal_id',
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
    PROPOSAL: 'PROPOSAL_STATE quiet',
    ACCEPT: 'PROPOSAL_STATE quiet',
    REJECT: 'PROPOSAL_STATE quiet',
    WITHDRAW: 'PROPOSAL_STATE quiet',
    FUNDED: 'PROPOSAL_STATE quiet',
    COMPLETE: 'PROPOSAL_STATE quiet',
    CONFIRM: 'PROPOSAL_STATE quiet',
    DISPUTE: 'PROPOSAL_STATE quiet',
    SETTLE: 'PROPOSAL_STATE quiet',
    LIST_PROPOSALS: 'PROPOSALS',
    GET_PROPOSAL: 'PROPOSAL_CHAIN',
  })
})

test('what servers send: kind and fields', () => {
  const step =
    'event: proposal_id status awaiting? until? updated_at from to by link? sig sig_ts? ' +
    'sig_version key position replay?'
  const shown = mapped<Tell<Shape>>(tells, ({ kind, fields }) => `${kind}: ${namesOf(fields)}`)
  expect(shown).toEqual({
    CHALLENGE: 'reply: challenge_id nonce expires_at server server_key server_sig? time versions',
    WELCOME: 'reply: agent_id name server session position cursor? channels limits? caps?',
    PONG: 'reply: ',
    DONE: 'reply: ',
    ERROR: 'reply: code message hint? retry_after_ms? limit?',
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
    PROPOSAL:
      'event: id proposal_id hash from to task amount currency payment_code payment? ' +
      'terms? expires due_seconds? confirm_seconds? status until? created_at cid? ' +
      'elo_stake? server_key? unsigned? sig_to? sig_expires? sig sig_ts? sig_version key position ' +
      'replay?',
    ACCEPT: `${step} payment_code payment? elo_stake?`,
    REJECT: `${step} reason`,
    WITHDRAW: `${step} reason`,
    FUNDED: `${step} reference`,
    COMPLETE: `${step} proof completed_by completed_at`,
    CONFIRM: `${step}`,
    DISPUTE: `${step} reason disputed_by disputed_at`,
    SETTLE: `${step} outcome`,
    TIME_UP: 'event: proposal_id status was updated_at from to position replay?',
    OFFER_CLOSED: 'event: channel proposal_id status position',
    PROPOSAL_STATE:
      'reply: proposal_id hash status awaiting? until? version from to channel? task ' +
      'amount currency escrow? created_at updated_at position link repeat?',
    PROPOSALS: 'reply: list total next',
    PROPOSAL_CHAIN: 'reply: proposal chain server server_key seal',
  })
})

test('what stands in logs: entries of nodes, and what the edge adds to those of clients', () => {
  expect(mapped<Note<Shape>>(notes, ({ fields }) => namesOf(fields))).toEqual({
    SESSION_OPENED: 'session agent name key? version brief server frame_bytes?',
    SESSION_CLOSED: 'session',
    PROPOSAL_DUE: 'proposal_id',
    TICK: '',
  })
  const added = Object.entries<Ask<Shape, string, Shape>>(asks).flatMap(([type, { edge }]) =>
    Object.keys(edge).length === 0 ? [] : [`${type}: ${namesOf(edge)}`],
  )
  expect(added).toEqual([
    'MSG: proof? parent?',
    'VERIFY_RESPONSE: genuine',
    'PROPOSAL: signed? terms_hash? server_key? payment?',
    'ACCEPT: signed? payment? escrow?',
    'REJECT: signed?',
    'WITHDRAW: signed?',
    'FUNDED: signed?',
    'COMPLETE: signed?',
    'CONFIRM: signed?',
    'DISPUTE: signed?',
    'SETTLE: signed?',
  ])
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
    PROPOSAL_NOT_FOUND: false,
    INVALID_PROPOSAL: false,
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
    document_bytes: 16_384,
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
    open_proposals: 100,
    open_proposals_to_one: 10,
    closed_proposals: 1_000,
    proposals: 100_000,
    proposal_steps: 16,
    chain_frames: 40,
    chain_bytes: 1_048_576,
    task_characters: 4_000,
    payment_code_characters: 600,
    reason_characters: 2_000,
    proof_characters: 4_000,
    proposal_seconds: 31_536_000,
    confirm_seconds: 86_400,
    confirm_seconds_most: 2_592_000,
    proposal_open_ms: 7_776_000_000,
    proposal_accepted_ms: 31_536_000_000,
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
