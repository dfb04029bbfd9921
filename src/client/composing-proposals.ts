// What this agent signs of proposals: the proposal itself, and each later step.

import type { AskFields } from '../protocol/frames.ts'
import { isAmount } from '../protocol/proposal-forms.ts'
import { hashOf, proposalBytes, stepBytes } from '../protocol/proposal-signing.ts'
import type { StepType } from '../protocol/proposal-steps.ts'
import { cidForm } from './composing.ts'
import type { Signer } from './identity.ts'
import { randomCid } from './random.ts'

/** What an agent proposes. */
export interface Draft {
  /** What is to be done. */
  readonly task: string
  /** A decimal as text, such as "0.05". */
  readonly amount?: string | undefined
  /** Such as SOL, BTC or EUR. */
  readonly currency?: string | undefined
  /** Where to pay the proposer, or where it pays from: a BIP47 code, a Solana address, or `scheme:value`. */
  readonly paymentCode?: string | undefined
  /** Anything further: text, or a document of text, whole numbers, booleans, arrays and plain objects. */
  readonly terms?: unknown
  /** Seconds to answer it in; 90 days when absent. */
  readonly expiresSeconds?: number | undefined
  /** Seconds from the acceptance in which it is to be completed; a year when absent. */
  readonly dueSeconds?: number | undefined
  /** Seconds after which a completion stands that nobody confirmed or disputed; a day when absent. */
  readonly confirmSeconds?: number | undefined
  /** Own id for the proposal, 22 to 32 of 0-9 A-Z a-z; random when absent. With one, proposing again is safe. */
  readonly cid?: string | undefined
}

/** A frame that is signed, and the hash that later steps know it by. */
export interface Composed<F> {
  readonly fields: F
  readonly hash: string
}

/** Where a step goes. */
export interface StepPlace {
  readonly server: string
  readonly proposalId: string
  readonly proposalHash: string
  /** Hash of the step before. */
  readonly link: string
}

/** Who signs, and for which server. */
interface By {
  readonly signer: Signer
  /** Name of the server. */
  readonly server: string
  /** Its raw public key, base64url. */
  readonly serverKey: string
}

/**
 * A PROPOSAL, signed.
 *
 * @param to an id, or a channel as the server calls it
 * @throws RangeError on a `cid` or an amount that is none, and on what cannot be signed
 */
export function composeProposal(
  to: string,
  draft: Draft,
  { signer, server, serverKey }: By,
): Composed<AskFields<'PROPOSAL'>> {
  const { task, amount, currency, paymentCode, terms, cid = randomCid() } = draft
  const { expiresSeconds, dueSeconds, confirmSeconds } = draft
  if (!cidForm.test(cid)) throw new RangeError('A cid is 22 to 32 of 0-9 A-Z a-z.')
  if (task === '') throw new RangeError('A proposal has a task.')
  if (amount !== undefined && !isAmount(amount)) {
    throw new RangeError('An amount is a decimal written as text, such as "0.05".')
  }
  const fields = {
    to,
    task,
    cid,
    ...(amount !== undefined && { amount }),
    ...(currency !== undefined && { currency }),
    ...(paymentCode !== undefined && { payment_code: paymentCode }),
    ...(terms !== undefined && terms !== null && { terms }),
    ...(expiresSeconds && { expires: expiresSeconds }),
    ...(dueSeconds !== undefined && { due_seconds: dueSeconds }),
    ...(confirmSeconds !== undefined && { confirm_seconds: confirmSeconds }),
  }
  const ts = Date.now()
  const expiresAt = expiresSeconds ? ts + expiresSeconds * 1_000 : undefined
  const from = signer.key.id
  const bytes = signable(() =>
    proposalBytes({ server, serverKey, from, to, cid, ts, expiresAt, terms: fields }),
  )
  return { fields: { ...fields, ts, sig: signer.sign(bytes) }, hash: hashOf(bytes) }
}

/**
 * A later step, signed.
 *
 * @param own the step's own fields, as they go over the wire
 * @throws RangeError on what cannot be signed
 */
export function composeStep<T extends StepType>(
  type: T,
  own: object,
  { signer, ...place }: StepPlace & { readonly signer: Signer },
): Composed<AskFields<T>> {
  const ts = Date.now()
  const fields = { ...own }
  const bytes = signable(() => stepBytes({ ...place, type, agent: signer.key.id, ts, fields }))
  const { proposalId: proposal_id, link } = place
  const signed = { ...fields, proposal_id, link, ts, sig: signer.sign(bytes) }
  // With its own fields, which the caller has paired with the type, it is what is declared for it.
  return { fields: signed as unknown as AskFields<T>, hash: hashOf(bytes) }
}

/** @throws RangeError that says why something cannot be signed */
function signable(build: () => Uint8Array): Uint8Array {
  try {
    return build()
  } catch (failure) {
    if (failure instanceof TypeError) throw new RangeError(failure.message)
    throw failure
  }
}
