// Checking a proposal with all its steps for oneself: without a server, and without believing one.

import { nestsAtMost } from '../protocol/document.ts'
import { limits } from '../protocol/limits.ts'
import { isPersistentId } from '../protocol/names.ts'
import { life, type Stage, toldAs } from '../protocol/proposal-life.ts'
import { legacyProposalId, proposalId } from '../protocol/proposal-signing.ts'
import { type StepType, steps } from '../protocol/proposal-steps.ts'
import { signerOfProposal, signerOfStep } from './chain-signatures.ts'
import { nextOf } from './proposal-moves.ts'
import { type SignedProposal, signedIn, unsignedIn } from './signed-proposal.ts'
import {
  type Fields,
  isOrAbsent,
  optionalText,
  positionIn,
  serverTimeIn,
  textIn,
  Untrue,
  untilIn,
  untrue,
} from './unknown-fields.ts'

/** A later step. */
export interface CheckedStep {
  readonly type: StepType | 'TIME_UP'
  /** Id of who signed it; null for TIME_UP, which is the server's word. */
  readonly by: string | null
  /** Milliseconds since 1970: signed in version 1, otherwise the server's word. */
  readonly at: number
  /** How it was signed; null for TIME_UP. */
  readonly version: 'v0' | 'v1' | null
  /** Where it led. */
  readonly stage: Stage
  readonly position: number
  readonly paymentCode?: string
  readonly reason?: string
  readonly reference?: string
  readonly proof?: string
  readonly outcome?: string
}

/** A chain in which every signature, link and stage is right. */
export interface CheckedChain {
  readonly id: string
  readonly hash: string
  /** How its PROPOSAL was signed. */
  readonly version: 'v0' | 'v1'
  readonly stage: Stage
  readonly status: (typeof toldAs)[Stage]['status']
  readonly awaiting?: 'escrow' | 'confirmation'
  readonly from: string
  /** Null for an open offer that nobody has taken. */
  readonly to: string | null
  /** Hash of its newest signed step: what the next one names. */
  readonly link: string
  /** Position of its newest step. */
  readonly position: number
  readonly proposal: SignedProposal
  /** Fields of its PROPOSAL that say something and are the server's word. */
  readonly unsigned: readonly string[]
  readonly steps: readonly CheckedStep[]
}

/** A server, as far as one knows it. */
export interface ServerKnown {
  readonly serverName: string
  /** Raw public key, base64url; undefined when it has not proved one. Version 0 does not sign it. */
  readonly serverKey?: string | undefined
}

/** Why a chain is not to be believed: one sentence. */
export interface ChainFault {
  readonly fault: string
}

/** Deeper ones fit in no receipt, whose own two levels lie around them. */
const frameNesting = limits.nesting - 2

/** The names of the steps' own fields as they are told here. */
const ownNames = {
  payment_code: 'paymentCode',
  reason: 'reason',
  reference: 'reference',
  proof: 'proof',
  outcome: 'outcome',
} as const

/** What is true after some steps, and what is kept only for checking. */
interface Walk extends CheckedChain {
  readonly server: string
  /** When time moves it on, as the server says; undefined when it does not. */
  readonly until: number | undefined
  /** The server's time of the newest step. */
  readonly updatedAt: number
}

/**
 * Checks a proposal with all its steps, as PROPOSAL_CHAIN tells them: every key belongs to the id that it speaks for,
 * every signature is right over what the frames say, each step follows the one before it, and every stage is one that
 * these steps lead to. What is only the server's word: its times and positions, TIME_UP, whether an escrow was asked
 * for and which agent that is, and whether newer steps are left out.
 *
 * @param chain anything; nothing in it is believed
 * @param options the server that it was signed for: `chat` has both
 * @returns what was signed, or a fault. Never throws.
 */
export function checkChain(
  chain: readonly unknown[],
  server: ServerKnown,
): CheckedChain | ChainFault {
  try {
    return walked(chain, server)
  } catch (failure) {
    if (failure instanceof Untrue) return { fault: failure.message }
    throw failure
  }
}

function walked(chain: readonly unknown[], server: ServerKnown): CheckedChain {
  if (!Array.isArray(chain) || chain.length === 0) untrue('It has no PROPOSAL.')
  if (chain.length > limits.chain_frames) {
    untrue(`It has more than ${limits.chain_frames} steps.`)
  }
  const [first, ...later] = chain as readonly unknown[]
  let walk = inPlace(1, () => begun(frameOf(first), server))
  for (const [index, step] of later.entries()) {
    walk = inPlace(index + 2, () => gone(walk, frameOf(step)))
  }
  const { server: _, until, updatedAt, ...checked } = walk
  return checked
}

/** Says which step it is that is wrong. */
function inPlace(number: number, step: () => Walk): Walk {
  try {
    return step()
  } catch (failure) {
    if (failure instanceof Untrue) untrue(`Step ${number}: ${failure.message}`)
    throw failure
  }
}

function frameOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return untrue('It is no frame.')
  }
  if (!nestsAtMost(value, frameNesting)) untrue('It is nested too deep.')
  return value as Fields // just checked
}

function begun(frame: Fields, { serverName: server, serverKey }: ServerKnown): Walk {
  if (frame.type !== 'PROPOSAL') untrue('It is no PROPOSAL.')
  const signed = signerOfProposal(frame, server)
  const isForOther = signed.version === 'v1' && frame.server_key !== (serverKey ?? frame.server_key)
  if (isForOther) untrue('It was signed for a server with another key.')
  const { by: from, hash, version, signedAtMs } = signed
  const position = positionIn(frame)
  const id = version === 'v1' ? proposalId(hash) : legacyProposalId(hash, position)
  if (frame.proposal_id !== id || !isOrAbsent(frame.id, id) || frame.hash !== hash) {
    untrue('Its id is not that of what was signed.')
  }
  const to = textIn(frame, 'to')
  if (!to.startsWith('#') && !isPersistentId(to)) untrue('It names no target.')
  if (to === from) untrue('It is made to its own proposer.')
  checkStanding(frame, 'pending')
  const updatedAt = serverTimeIn(frame, 'created_at')
  const proposal = signedIn(frame, version, signedAtMs ?? updatedAt)
  const until = untilIn(frame)
  if (proposal.expiresAtMs !== null && (until ?? Infinity) > proposal.expiresAtMs) {
    untrue('It stands longer than was signed.')
  }
  return {
    id,
    hash,
    version,
    stage: 'pending',
    ...toldAs.pending,
    from,
    to: to.startsWith('#') ? null : to,
    link: hash,
    position,
    proposal,
    unsigned: unsignedIn(frame, version),
    steps: [],
    server,
    until,
    updatedAt,
  }
}

/** One step further. */
function gone(walk: Walk, frame: Fields): Walk {
  if (frame.proposal_id !== walk.id) untrue('It is of another proposal.')
  if (frame.from !== walk.from) untrue('It names another proposer.')
  const position = positionIn(frame)
  const updatedAt = serverTimeIn(frame, 'updated_at')
  if (position <= walk.position || updatedAt < walk.updatedAt) untrue('It is out of order.')
  const next = frame.type === 'TIME_UP' ? passed(walk, frame) : stepped(walk, frame)
  if ((frame.to ?? null) !== next.to) untrue('It names another recipient.')
  checkStanding(frame, next.stage)
  return { ...next, position, updatedAt }
}

function passed(walk: Walk, frame: Fields): Walk {
  const to = life[walk.stage].pass?.to
  if (to === undefined || frame.was !== walk.stage) return untrue('Time ends nothing there.')
  const at = serverTimeIn(frame, 'updated_at')
  if (at < (walk.until ?? 0)) untrue('Its time was not over.')
  const step = { type: 'TIME_UP', by: null, at, version: null } as const
  return entered({ ...walk, until: undefined }, step, { stage: to, position: positionIn(frame) })
}

function stepped(walk: Walk, frame: Fields): Walk {
  const { type } = frame
  if (!isStepType(type)) return untrue('It is no step of a proposal.')
  const { server, id: proposalId, hash: proposalHash, link } = walk
  const signed = signerOfStep(frame, type, { server, proposalId, proposalHash, link })
  const { by, version, signedAtMs, hash } = signed
  const outcome = optionalText(frame, 'outcome')
  const isHeld = frame.awaiting === 'escrow'
  const next = nextOf(walk, type, { by, outcome, isHeld })
  if ('fault' in next) return untrue(`It could not be taken: ${next.fault}.`)
  const at = serverTimeIn(frame, 'updated_at')
  if (at >= (walk.until ?? Infinity)) untrue('It came when the time was over.')
  for (const name of ['completed_by', 'disputed_by']) {
    if (!isOrAbsent(frame[name], by)) untrue('It names two agents as who took it.')
  }
  const to = type === 'ACCEPT' ? by : walk.to
  const until = untilIn(frame)
  checkTime(walk, next.to, { at, until })
  const step = { type, by, at: signedAtMs ?? at, version, ...ownIn(frame, type) }
  const place = { stage: next.to, position: positionIn(frame) }
  return entered({ ...walk, to, link: hash, until }, step, place)
}

function entered(
  { awaiting: _, ...walk }: Walk,
  step: Omit<CheckedStep, 'stage' | 'position'>,
  { stage, position }: { readonly stage: Stage; readonly position: number },
): Walk {
  return {
    ...walk,
    stage,
    ...toldAs[stage],
    steps: [...walk.steps, { ...step, stage, position }],
  }
}

/** The server gives nobody less time than was signed, nor less than a day to dispute where nothing was. */
function checkTime(
  { proposal, version }: Walk,
  stage: Stage,
  { at, until }: { readonly at: number; readonly until: number | undefined },
): void {
  const { dueSeconds, confirmSeconds } = proposal
  const confirm = confirmSeconds ?? (version === 'v1' ? limits.confirm_seconds : null)
  const seconds = stage === 'accepted' ? dueSeconds : stage === 'claimed' ? confirm : null
  if (seconds === null) return
  if ((until ?? 0) < at + seconds * 1_000) untrue('It gives less time than was signed.')
}

/** The status that is told is the one that the steps lead to. */
function checkStanding(frame: Fields, stage: Stage): void {
  const { status, awaiting }: { status: string; awaiting?: string } = toldAs[stage]
  if (frame.status !== status || (frame.awaiting ?? undefined) !== awaiting) {
    untrue('Its status is not the one that the steps lead to.')
  }
}

function ownIn(frame: Fields, type: StepType) {
  const told = steps[type].own.flatMap((name) => {
    const value = optionalText(frame, name)
    return value === undefined ? [] : [[ownNames[name], value] as const]
  })
  return Object.fromEntries(told)
}

function isStepType(type: unknown): type is StepType {
  return typeof type === 'string' && Object.hasOwn(steps, type)
}
