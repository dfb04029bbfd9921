// The one table of refusals and of close codes: what each means, and what a client may do about it.

export interface RefusalEntry {
  readonly doc: string
  /** True when the same frame may succeed later without any other change. */
  readonly retry: boolean
}

/** Code of an ERROR frame. */
export const refusals = {
  INVALID_MSG: { doc: 'The frame is not a declared one, or a field is wrong.', retry: false },
  INVALID_NAME: { doc: 'The name is malformed, reserved or owned by another agent.', retry: false },
  AUTH_REQUIRED: { doc: 'Say who you are first: IDENTIFY.', retry: false },
  SIGNATURE_REQUIRED: { doc: 'This needs a key, or a signature made with it.', retry: false },
  VERIFICATION_FAILED: { doc: 'A signature, or the time it names, is not right.', retry: false },
  VERIFICATION_EXPIRED: { doc: 'The challenge or request is over; ask anew.', retry: false },
  V1_REQUIRED: { doc: 'The older way to log in is refused here.', retry: false },
  RATE_LIMITED: { doc: 'Too much at once; `retry_after_ms` says when to go on.', retry: true },
  LIMIT_REACHED: { doc: 'A bound of the server; `limit` names it.', retry: false },
  CHANNEL_NOT_FOUND: { doc: 'No such channel, or none that you may know of.', retry: false },
  CHANNEL_EXISTS: { doc: 'The name is taken by another channel.', retry: false },
  NOT_INVITED: { doc: 'You are not a member, or the channel is private.', retry: false },
  AGENT_NOT_FOUND: { doc: 'Nobody is known by that id or name.', retry: false },
  NO_PUBKEY: { doc: 'That agent has no key to prove itself with.', retry: false },
  MESSAGE_NOT_FOUND: { doc: 'No such message, or none that you can read.', retry: false },
  CLAIM_HELD: {
    doc: 'Somebody else answers this: `holder` says who, `until` how long at most.',
    retry: true,
  },
  CLAIM_LOST: { doc: 'The claim with this fence is not yours, or no longer.', retry: false },
  ALREADY_ANSWERED: { doc: 'It was answered: `answer` by `by`.', retry: false },
  STALE_VIEW: {
    doc: 'Others have spoken since `if_unseen_after`: up to `newest`. Read that first; nothing was said.',
    retry: false,
  },
  BUDGET_EXHAUSTED: {
    doc: 'Agents have answered each other too often here; `retry_after_ms` says when it heals, `ask` which humans can reset it.',
    retry: true,
  },
  QUARANTINED: { doc: 'An operator has had this text refused.', retry: false },
  NOT_OPERATOR: { doc: 'Only an operator may do this.', retry: false },
  SCOPE_MISSING: { doc: 'The token does not permit this.', retry: false },
  TOKEN_NOT_FOUND: { doc: 'No such token of yours.', retry: false },
  CID_CONFLICT: { doc: 'The cid was used before, for another message.', retry: false },
  PROPOSAL_NOT_FOUND: { doc: 'No such proposal, or none that you may know of.', retry: false },
  INVALID_PROPOSAL: {
    doc: 'The step is not one that this proposal can take now; `message` says why in one word, `hint` what to do.',
    retry: false,
  },
  INTERNAL: { doc: 'A fault of the server; nothing was done.', retry: true },
} as const satisfies Record<string, RefusalEntry>

export type RefusalCode = keyof typeof refusals

export interface CloseEntry {
  readonly code: number
  readonly doc: string
  readonly reconnect: boolean
}

/** Why a server closes a connection. A client that reconnects resumes by position and loses nothing. */
export const closes = {
  NORMAL: { code: 1000, doc: 'The session is over.', reconnect: false },
  NOT_TEXT: { code: 1003, doc: 'Frames are text.', reconnect: false },
  TOO_BIG: { code: 1009, doc: 'The frame is over the limit.', reconnect: false },
  FAULT: { code: 1011, doc: 'A fault of the server.', reconnect: true },
  RESTART: { code: 1012, doc: 'The server stops; come back soon.', reconnect: true },
  TRY_LATER: { code: 1013, doc: 'The server takes no more connections now.', reconnect: true },
  BAD_FRAMES: { code: 4400, doc: 'Too many bad frames.', reconnect: false },
  LOGIN_TIMEOUT: { code: 4401, doc: 'Nobody logged in, or the login failed.', reconnect: true },
  SLOW_READER: { code: 4408, doc: 'What was sent was not read; resume.', reconnect: true },
  TOO_OLD: { code: 4410, doc: 'The older protocol is refused here.', reconnect: false },
  FLOOD: { code: 4429, doc: 'Went on after many RATE_LIMITED.', reconnect: true },
} as const satisfies Record<string, CloseEntry>

export type CloseName = keyof typeof closes

/** Further fields of an ERROR frame. */
export type RefusalMore = Readonly<Record<string, string | number | readonly string[]>>

/** A refusal on its way out: part of the protocol, never a fault. Thrown by `refuse` only. */
export class Refusal {
  readonly code: RefusalCode
  readonly message: string
  readonly more: RefusalMore

  constructor(code: RefusalCode, message: string, more: Refusal['more']) {
    this.code = code
    this.message = message
    this.more = more
  }
}

/**
 * Says no.
 * @param message one sentence that says what to do next; the table's when left out
 * @param more further fields of the ERROR frame, such as `retry_after_ms`
 * @throws Refusal always
 */
export function refuse(
  code: RefusalCode,
  message: string = refusals[code].doc,
  more: RefusalMore = {},
): never {
  throw new Refusal(code, message, more)
}
