// Proposals as a program makes, answers and ends them: what is told of them is checked before anything is signed.

import type { AskFields, Heard } from '../protocol/frames.ts'
import { excerptOf } from '../protocol/proposal-forms.ts'
import { proposalId } from '../protocol/proposal-signing.ts'
import type { StepType } from '../protocol/proposal-steps.ts'
import type { Client } from './client.ts'
import { composeProposal, composeStep, type Draft } from './composing-proposals.ts'
import { IdentityError, RefusedError } from './errors.ts'
import type { Signer } from './identity.ts'
import type { WaitOptions } from './options.ts'
import { nextOf } from './proposal-moves.ts'
import {
  checkedState,
  hasTaken,
  isSameProposal,
  type ReadProposal,
  readProposal,
  refusal,
  standingOf,
  substituted,
} from './proposal-reading.ts'
import { receiptText, verifyReceipt } from './receipt.ts'
import { nonsense, ofType } from './requests.ts'
import type { Fields } from './unknown-fields.ts'

/** Where a proposal stands; `repeat` when the step was taken before. */
export type ProposalState = Heard<'PROPOSAL_STATE'>

/** How to propose. */
export interface ProposeOptions extends Draft, WaitOptions {}

/** How to accept. */
export interface AcceptOptions extends WaitOptions {
  /** Where to pay the recipient, or where it pays from. */
  readonly paymentCode?: string | undefined
}

/** How to reject or withdraw. */
export interface ReasonOptions extends WaitOptions {
  readonly reason?: string | undefined
}

/** How to complete. */
export interface CompleteOptions extends WaitOptions {
  /** What shows that it is done. */
  readonly proof?: string | undefined
}

/** How to dispute. */
export interface DisputeOptions extends WaitOptions {
  readonly reason: string
}

/** How to settle. */
export interface SettleOptions extends WaitOptions {
  /** How the dispute ends, in words; settled once both parties have said the same. */
  readonly outcome: string
}

/** How an escrow says that it has what was agreed. */
export interface FundOptions extends WaitOptions {
  /** Where the escrow has it. */
  readonly reference?: string | undefined
}

/** Which proposals to list; `before` is a position, `limit` a count. */
export interface ListOptions extends AskFields<'LIST_PROPOSALS'>, WaitOptions {}

/** How often a step is signed anew because another one came first. */
const mostSignedAnew = 3

/**
 * Proposals of one agent. Each step is signed, and only after the whole proposal was read again and checked: its id
 * is that of what was signed, and so is every step since. A step that was taken already, as after a crash, is not
 * taken again: its answer says `repeat`. What answers tell beside the ids is the server's word; `get` checks it.
 *
 * Methods that sign throw:
 * - IdentityError `bad-key` without an identity; `substituted` when the server tells what was not signed;
 * - RefusedError, also before anything is signed when the step is not possible any more: `INVALID_PROPOSAL`, whose
 *   message is the word for why;
 * - ConnectionError `timeout`, `lost`, `closed`: whether the step was taken is not known, and taking it again is safe;
 * - RangeError on what cannot be signed or sent;
 * - the signal's reason.
 */
export class Proposals {
  private readonly client: Client

  constructor(client: Client) {
    this.client = client
  }

  /**
   * Proposes a deal to an agent (`@name`, `@id`), or to whoever of a channel (`#…`) takes it first.
   *
   * @throws as the class says; RangeError also on a bad target, cid or amount
   */
  async propose(to: string, options: ProposeOptions): Promise<ProposalState> {
    const { signal, timeoutMs, ...draft } = options
    const { client } = this
    const signer = this.signer()
    const bounds = { signal, timeoutMs }
    const target = await client.addressOf(to, bounds)
    const { serverName: server, serverKey } = client.standing
    if (serverKey === undefined)
      throw new Error('a server let a key in that had not proved its own')
    const by = { signer, server, serverKey }
    client.refuseSecrets(JSON.stringify(draft))
    const { fields, hash } = composeProposal(target, draft, by)
    const answer = await client.persist('PROPOSAL', fields, bounds)
    const state = ofType(answer, 'PROPOSAL_STATE')
    if (state.proposal_id === proposalId(hash) && state.hash === hash) {
      const { task, amount = null, currency = null } = fields
      return { ...state, from: signer.key.id, task: excerptOf(task), amount, currency }
    }

    // With the same cid it may have been made before, at another time.
    const made = await this.get(state.proposal_id, bounds)
    const wanted = { ...fields, from: signer.key.id, expiresSeconds: fields.expires }
    if (!isSameProposal(made, wanted)) throw substituted(made.id, 'It is not what was proposed.')
    return standingOf(made)
  }

  /** Accepts a proposal, or takes an open offer. @throws as the class says */
  accept(id: string, { paymentCode, ...bounds }: AcceptOptions = {}): Promise<ProposalState> {
    return this.take('ACCEPT', id, { own: { payment_code: paymentCode }, bounds })
  }

  /** Rejects a proposal. @throws as the class says */
  reject(id: string, { reason, ...bounds }: ReasonOptions = {}): Promise<ProposalState> {
    return this.take('REJECT', id, { own: { reason }, bounds })
  }

  /** Withdraws a proposal of one's own that was not answered yet. @throws as the class says */
  withdraw(id: string, { reason, ...bounds }: ReasonOptions = {}): Promise<ProposalState> {
    return this.take('WITHDRAW', id, { own: { reason }, bounds })
  }

  /** Says that it is done; the other party confirms or disputes it. @throws as the class says */
  complete(id: string, { proof, ...bounds }: CompleteOptions = {}): Promise<ProposalState> {
    return this.take('COMPLETE', id, { own: { proof }, bounds })
  }

  /** Confirms that it is done, as the other party says. @throws as the class says */
  confirm(id: string, bounds: WaitOptions = {}): Promise<ProposalState> {
    return this.take('CONFIRM', id, { own: {}, bounds })
  }

  /** Says that it is not kept. @throws as the class says */
  dispute(id: string, { reason, ...bounds }: DisputeOptions): Promise<ProposalState> {
    return this.take('DISPUTE', id, { own: { reason }, bounds })
  }

  /** Says how a dispute ends; saying what the other party said agrees. @throws as the class says */
  settle(id: string, { outcome, ...bounds }: SettleOptions): Promise<ProposalState> {
    return this.take('SETTLE', id, { own: { outcome }, bounds })
  }

  /** As the escrow: what was agreed is there, and it may begin. @throws as the class says */
  fund(id: string, { reference, ...bounds }: FundOptions = {}): Promise<ProposalState> {
    return this.take('FUNDED', id, { own: { reference }, bounds })
  }

  /**
   * One's own proposals, made and received, or the open offers of a channel; the newest first. What is told is the
   * server's word: `get` checks it. Throws as `AgentChat.request` does.
   */
  async list({ signal, timeoutMs, ...wanted }: ListOptions = {}): Promise<Heard<'PROPOSALS'>> {
    return this.client.request('LIST_PROPOSALS', wanted, { signal, timeoutMs })
  }

  /**
   * One proposal with all its steps, checked: what was signed, by whom, and where that leads.
   *
   * @throws IdentityError `substituted` when it is not what was signed; otherwise as `AgentChat.request` does
   */
  async get(id: string, bounds: WaitOptions = {}): Promise<ReadProposal> {
    const { client } = this
    const answer = await client.persist('GET_PROPOSAL', { proposal_id: id }, bounds)
    const { serverName, serverKey } = client.standing
    return readProposal(ofType(answer, 'PROPOSAL_CHAIN'), { id, serverName, serverKey })
  }

  /**
   * The receipt of a completed or settled proposal: the text of a file that `verifyReceipt` checks offline.
   *
   * @throws RefusedError `INVALID_PROPOSAL` while it is neither; otherwise as `get`
   */
  async receipt(id: string, bounds: WaitOptions = {}): Promise<string> {
    const { frame, status } = await this.get(id, bounds)
    if (status !== 'completed' && status !== 'settled') throw notOver(status)
    const text = receiptText(id, frame)
    const verdict = verifyReceipt(text)
    if (!verdict.valid) throw substituted(id, verdict.reason)
    return text
  }

  private async take(
    type: StepType,
    id: string,
    { own, bounds }: { readonly own: Fields; readonly bounds: WaitOptions },
  ): Promise<ProposalState> {
    const by = this.signer().key.id
    for (let anew = 0; ; anew++) {
      const read = await this.get(id, bounds)
      if (hasTaken(read, { type, by, own })) return standingOf(read)
      const outcome = typeof own.outcome === 'string' ? own.outcome : undefined
      const next = nextOf(read, type, { by, outcome })
      if ('fault' in next) throw refusal(next.fault)
      if (type === 'COMPLETE' && next.verb === 'confirm') throw alreadyClaimed()
      try {
        const state = await this.sign(type, read, { own, bounds })
        return checkedState(read, state, next.to)
      } catch (failure) {
        const isLast = anew === mostSignedAnew || !isOvertaken(failure)
        if (isLast || !(await this.hasMoved(read, bounds))) throw failure
      }
    }
  }

  /** Whether steps have come since it was read; no when it may be read no longer, as when another took an offer. */
  private async hasMoved({ id, link }: ReadProposal, bounds: WaitOptions): Promise<boolean> {
    try {
      return (await this.get(id, bounds)).link !== link
    } catch (failure) {
      if (failure instanceof RefusedError) return false
      throw failure
    }
  }

  /** Signs a step behind what was read, and sends it. */
  private async sign(
    type: StepType,
    { id, hash: proposalHash, link }: ReadProposal,
    { own, bounds }: { readonly own: Fields; readonly bounds: WaitOptions },
  ): Promise<ProposalState> {
    const { client } = this
    const server = client.standing.serverName
    const place = { server, proposalId: id, proposalHash, link }
    client.refuseSecrets(JSON.stringify(own))
    const { fields, hash } = composeStep(type, own, { ...place, signer: this.signer() })
    const state = ofType(await client.persist(type, fields, bounds), 'PROPOSAL_STATE')
    const isIts = state.proposal_id === id && state.hash === proposalHash
    if (!isIts || (!state.repeat && state.link !== hash)) {
      throw nonsense('it answered for another step')
    }
    return state
  }

  private signer(): Signer {
    const { signer, hasToken } = this.client
    if (signer) return signer
    const why = hasToken ? ' A token cannot sign; it can only look.' : ''
    throw new IdentityError('bad-key', `Proposals are signed: connect with an identity.${why}`)
  }
}

/** Saying it too would confirm what the other says, and nobody should do that by the way. */
function alreadyClaimed(): RefusedError {
  return refusal(
    'PROPOSAL_CHANGED',
    'The other party says that it is done: confirm it, or dispute it.',
  )
}

/** Another step came first: what has become of the proposal tells whether this one is possible, or was taken. */
function isOvertaken(failure: unknown): boolean {
  return failure instanceof RefusedError && failure.code === 'INVALID_PROPOSAL'
}

function notOver(status: ReadProposal['status']): RefusedError {
  const hints: Partial<Record<ReadProposal['status'], string>> = {
    pending: 'It has to be accepted and completed first.',
    accepted: 'It has to be completed, and confirmed by the other party, first.',
    disputed: 'It has to be settled first: both parties say how it ends.',
  }
  const hint = hints[status] ?? 'Nothing came of it, and nothing will: propose anew.'
  return refusal(`A receipt is of what was completed or settled; this is ${status}.`, hint)
}
