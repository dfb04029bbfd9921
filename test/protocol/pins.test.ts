// Pins: the wire as it is, word by word. Red here asks: was this change of the wire deliberate?

import { expect, test } from 'vitest'
import type { Ask, Note, Shape, Tell } from '../../src/protocol/declare.ts'
import { asks, notes, tells } from '../../src/protocol/frames.ts'

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
    IDENTIFY: 'query anyone: name? pubkey? token? v? nonce? resume? brief?',
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
    MSG:
      'command agent: to content cid? sig? ts? in_reply_to? expects? if_unseen_after? ' +
      'fence? ttl_ms? usage?',
    HISTORY: 'query agent: target thread? after? before? limit?',
    CLAIM: 'command agent: msg_id lease_ms?',
    RENEW: 'command agent: msg_id fence lease_ms?',
    RELEASE: 'command agent: msg_id fence',
    DECLINE: 'command agent: msg_id reason?',
    RESPONDING_TO: 'command agent: msg_id channel started_at?',
    LADDER: 'query agent: msg_id? pending? limit?',
    UNREAD: 'query key: after? before?',
    GET_MESSAGE: 'query agent: msg_id',
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
    SET_ROLE: 'command key: agent role',
    RESET_BUDGET: 'command key: agent? channel? thread?',
    SET_LIMITS: 'command key: agent? channel? wakes_per_day? usd_micros_per_day?',
    GET_USAGE: 'query key: agent? channel?',
    QUARANTINE: 'command key: gists lift?',
    CREATE_TOKEN: 'command key: hash scopes label? expires_at?',
    LIST_TOKENS: 'query key: ',
    REVOKE_TOKEN: 'command key: token_id',
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
    CLAIM: 'CLAIMED',
    RENEW: 'CLAIMED',
    RELEASE: 'DONE quiet',
    DECLINE: 'DONE quiet',
    RESPONDING_TO: 'DONE quiet silent',
    LADDER: 'LADDERS',
    UNREAD: 'UNREAD_PAGE',
    GET_MESSAGE: 'MESSAGE',
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
    SET_ROLE: 'DONE quiet',
    RESET_BUDGET: 'DONE quiet',
    SET_LIMITS: 'DONE quiet',
    GET_USAGE: 'USAGE',
    QUARANTINE: 'DONE quiet',
    CREATE_TOKEN: 'TOKEN',
    LIST_TOKENS: 'TOKENS',
    REVOKE_TOKEN: 'DONE quiet',
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
    ERROR:
      'reply: code message hint? retry_after_ms? limit? holder? holder_name? until? by? ' +
      'answer? newest? budget? ask?',
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
      'event: from from_name to content msg_id position? prev? cid? auth in_reply_to? ' +
      'thread? mentions? expects? depth? role? wakes? unwoken? claimed_by? expires_at? ' +
      'reported? sig? sig_ts? sig_version? key? invite? replay?',
    SENT: 'reply: position msg_id cid? repeat? recipients sessions',
    HISTORY_PAGE: 'reply: target messages next forgotten?',
    CLAIMED: 'reply: msg_id fence until',
    FLOOR_CLAIMED: 'event: msg_id channel holder holder_name started_at until position',
    CLAIM_ENDED: 'event: msg_id channel holder why',
    YIELD: 'event: msg_id channel holder holder_started_at reason',
    LADDERS: 'reply: list left',
    RECEIPT: 'event: messages agent agent_name state at reason? words? answer?',
    UNREAD_PAGE:
      'reply: after position addressed answered questions threads places later forgotten?',
    MESSAGE: 'reply: message',
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
    USAGE: 'reply: day list left',
    SPREADING: 'event: gists msg_id channel?',
    TOKEN: 'reply: id label? scopes created_at expires_at?',
    TOKENS: 'reply: list',
    SESSION_REVOKED: 'event: token_id',
  })
})

test('what stands in logs: entries of nodes, and what the edge adds to those of clients', () => {
  expect(mapped<Note<Shape>>(notes, ({ fields }) => namesOf(fields))).toEqual({
    SESSION_OPENED: 'session agent name key? version brief token? server frame_bytes?',
    SESSION_CLOSED: 'session',
    HEARD: 'agent position',
    PROPOSAL_DUE: 'proposal_id',
    CONFIGURED: 'operators budgets?',
    TICK: '',
  })
  const added = Object.entries<Ask<Shape, string, Shape>>(asks).flatMap(([type, { edge }]) =>
    Object.keys(edge).length === 0 ? [] : [`${type}: ${namesOf(edge)}`],
  )
  expect(added).toEqual([
    'MSG: proof? parent?',
    'CLAIM: found?',
    'DECLINE: found?',
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
