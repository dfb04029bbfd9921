// A proposal as a server tells it, checked before anything is done with it.

import type { Heard } from '../protocol/frames.ts'
import { excerptOf } from '../protocol/proposal-forms.ts'
import { proposalFaults, type Stage, toldAs } from '../protocol/proposal-life.ts'
import { termsHash } from '../protocol/proposal-signing.ts'
import { type StepType, steps } from '../protocol/proposal-steps.ts'
import { IdentityError, RefusedError } from './errors.ts'
import { type CheckedChain, checkChain } from './proposal-chain.ts'
import { isSealed } from './receipt.ts'
import type { Fields } from './unknown-fields.ts'

/** A proposal that was checked, and the frame that told it. */
export interface ReadProposal extends CheckedChain {
  /** PROPOSAL_CHAIN as it came. Its `proposal` says what its `chain` says; times, places and the escrow are the server's word. */
  readonly frame: Heard<'PROPOSAL_CHAIN'>
}

/** The server that was asked. */
interface Asked {
  readonly id: string
  readonly serverName: string
  /** Raw public key, base64url; undefined when it has not proved one. */
  readonly serverKey: string | undefined
}

/** @throws IdentityError `substituted` when it is not what was signed, or not what was asked for */
export function readProposal(
  frame: Heard<'PROPOSAL_CHAIN'>,
  { id, serverName, serverKey }: Asked,
): ReadProposal {
  const { chain, server, server_key: key, seal } = frame
  const checked = checkChain(chain, { serverName, serverKey: key })
  if ('fault' in checked) throw substituted(id, checked.fault)
  if (checked.id !== id) throw substituted(id, 'It is another proposal.')
  const texts = [server, key, seal]
  if (!texts.every((text) => typeof text === 'string')) throw substituted(id, 'It has no seal.')
  if (server !== serverName || (serverKey !== undefined && key !== serverKey)) {
    throw substituted(id, 'It is sealed by another server.')
  }
  if (!isSealed(id, frame)) throw substituted(id, 'Its seal is not right.')
  const { proposal }: { readonly proposal: unknown } = frame
  if (typeof proposal !== 'object' || proposal === null) {
    throw substituted(id, 'It does not say where it stands.')
  }
  const read = { ...checked, frame }
  const known = standingOf(read)
  if (!knownOfCard.every((field) => isSame(frame.proposal[field], known[field]))) {
    throw substituted(id, 'Where it is said to stand is not where its steps lead.')
  }
  return read
}

/** What of a card the steps tell too. */
const knownOfCard = [
  'proposal_id',
  'hash',
  'version',
  'status',
  'awaiting',
  'from',
  'to',
  'task',
  'amount',
  'currency',
  'position',
  'link',
] as const

/** Older clients write an empty text where they leave something out. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || (!one && !other)
}

/** What cannot be believed. */
export function substituted(id: string, what: string): IdentityError {
  return new IdentityError(
    'substituted',
    `What the server tells of proposal ${String(id).slice(0, 80)} cannot be trusted: ${what}`,
  )
}

/** Said in the words of a server that refuses a step, before anything is signed for it. */
export function refusal(message: string, hint?: string): RefusedError {
  const known = (proposalFaults as Readonly<Record<string, string>>)[message]
  return new RefusedError({
    type: 'ERROR',
    ts: Date.now(),
    code: 'INVALID_PROPOSAL',
    message,
    hint: hint ?? known ?? 'Read it with GET_PROPOSAL.',
  })
}

/**
 * Whether an agent has taken a step already, and said the same. What was once done stays done, whatever came later; of
 * what it said of a dispute only the newest counts.
 */
export function hasTaken(
  { frame, steps: taken }: ReadProposal,
  { type, by, own }: { readonly type: StepType; readonly by: string; readonly own: Fields },
): boolean {
  const index = taken.findLastIndex((step) => step.type === type && step.by === by)
  if (index < 0) return false
  const told: Fields = frame.chain[index + 1] ?? {}
  return steps[type].own.every((name) => (told[name] ?? undefined) === own[name])
}

/** Whether what was proposed before, with the same cid, is the same. */
export function isSameProposal(
  { frame, from, proposal }: ReadProposal,
  wanted: Fields & { readonly from: string; readonly expiresSeconds: number | undefined },
): boolean {
  const { cid, to, expiresAtMs, at } = proposal
  const expiresSeconds = expiresAtMs === null ? undefined : (expiresAtMs - at) / 1_000
  return (
    from === wanted.from &&
    cid === wanted.cid &&
    to === wanted.to &&
    expiresSeconds === wanted.expiresSeconds &&
    termsHash(frame.chain[0] ?? {}) === termsHash(wanted)
  )
}

/** Where a proposal stands, with what was checked in place of the server's word. */
export function standingOf({ frame, ...checked }: ReadProposal): Heard<'PROPOSAL_STATE'> {
  const { awaiting: _, ...card } = frame.proposal
  const { id, hash, version, status, awaiting, from, to, link, position, proposal } = checked
  return {
    ...card,
    type: 'PROPOSAL_STATE',
    ts: frame.ts,
    proposal_id: id,
    hash,
    version,
    status,
    ...(awaiting && { awaiting }),
    from,
    to,
    link,
    position,
    task: excerptOf(proposal.task),
    amount: proposal.amount,
    currency: proposal.currency,
    repeat: true,
  }
}

/**
 * The answer to a step, with what is known already in place of the server's word.
 *
 * @throws IdentityError `substituted` when the step has led elsewhere than it can
 */
export function checkedState(
  read: ReadProposal,
  state: Heard<'PROPOSAL_STATE'>,
  stage: Stage,
): Heard<'PROPOSAL_STATE'> {
  const { from, amount, currency, task, version } = standingOf(read)
  if (!state.repeat && state.status !== toldAs[stage].status) {
    throw substituted(read.id, 'The step has not led where it leads.')
  }
  return { ...state, from, amount, currency, task, version }
}
