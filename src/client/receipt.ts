// Receipts: a proposal with all its steps and the server's seal, in a file that anybody can check offline.

import { ed25519 } from '#ed25519'
import { canonicalJson } from '../protocol/document.ts'
import { publicKeyFromBase64Url } from '../protocol/keys.ts'
import { type SealFields, sealBytes } from '../protocol/proposal-signing.ts'
import { scanFrame } from '../protocol/scan.ts'
import { parseSignature } from '../protocol/signing.ts'
import { type CheckedChain, type CheckedStep, checkChain } from './proposal-chain.ts'
import { receiptNotes } from './receipt-notes.ts'
import type { Fields } from './unknown-fields.ts'

/** Bytes, or characters, of the longest receipt that is looked at; a server's chain has at most half as many. */
const maxLength = 2_097_152
const version = 1
const fieldNames = ['agentchat_receipt', 'chain', 'proposal_id', 'seal', 'server', 'server_key']

/** How a proposal was completed; `claim`: by one party alone, as in version 0. */
export type CompletedBy = 'confirmation' | 'time' | 'claim' | 'settlement'

/** What a receipt shows. */
export interface ValidReceipt {
  readonly valid: true
  readonly proposalId: string
  /** Name of the server. */
  readonly server: string
  /** Its raw public key, base64url: whether it is the server's, who knows the server has to say. */
  readonly serverKey: string
  /** Id of the proposer. */
  readonly from: string
  /** Id of the recipient. */
  readonly to: string
  readonly task: string
  /** A decimal as text; version 0 may have a number. */
  readonly amount: string | number | null
  readonly currency: string | null
  /** What each party gave as its payment code. */
  readonly paymentCodes: { readonly from: string | null; readonly to: string | null }
  /** Text or a JSON document; null when there are none, or they are not signed. */
  readonly terms: unknown
  /** Seconds in which it was to be completed; null when none were signed. */
  readonly dueSeconds: number | null
  /** Seconds after which a completion stands that nobody disputes; null when none were signed: a day. */
  readonly confirmSeconds: number | null
  /** Milliseconds since 1970: signed by the agent in version 1, otherwise the server's word. */
  readonly promisedAtMs: number
  readonly acceptedAtMs: number
  readonly completedAtMs: number
  readonly completedBy: CompletedBy
  /** How a dispute ended, in words; only of a settlement. */
  readonly outcome?: string
  readonly steps: readonly CheckedStep[]
  /** What is only the server's word, and what a signature does not cover; a sentence each. */
  readonly notes: readonly string[]
}

/** What a receipt is worth. */
export type ReceiptVerdict = ValidReceipt | { readonly valid: false; readonly reason: string }

/** A proposal as the server has sealed it. */
export interface Sealed {
  readonly server: string
  readonly server_key: string
  readonly chain: readonly unknown[]
  readonly seal: string
}

/** The text of a receipt: one line of canonical JSON (RFC 8785), and a line feed. */
export function receiptText(id: string, { server, server_key, chain, seal }: Sealed): string {
  const receipt = { agentchat_receipt: version, server, server_key, proposal_id: id, chain, seal }
  return `${canonicalJson(receipt)}\n`
}

/**
 * Checks a receipt offline, every byte of it: what both agents signed, that all steps are there in their order, and
 * the seal of the server that the proposer signed for. In version 0 nobody signs which server it is: there, and to know
 * whose server it is, compare `serverKey` with the one you know.
 *
 * @param file the whole of it: its bytes, or its text. Bytes are better: many readers make one text of different ones
 * @returns what it shows, or what is wrong with it in one sentence. Never throws.
 */
export function verifyReceipt(file: string | Uint8Array): ReceiptVerdict {
  const receipt = readReceipt(file)
  if (typeof receipt === 'string') return wrong(receipt)
  const { proposal_id: id, ...sealed } = receipt
  const known = { serverName: sealed.server, serverKey: sealed.server_key }
  const checked = checkChain(sealed.chain, known)
  if ('fault' in checked) return wrong(checked.fault)
  if (checked.id !== id) return wrong('It is about another proposal than it says.')
  if (!isSealed(id, sealed)) return wrong('The seal is not one of its server over these steps.')
  const completion = completionOf(checked)
  const { from, to, proposal, steps } = checked
  const acceptance = steps.find(({ type }) => type === 'ACCEPT')
  if (!completion || !acceptance || to === null) {
    return wrong(`The proposal is ${checked.status}: neither completed nor settled.`)
  }
  const { task, amount, currency, terms, dueSeconds, confirmSeconds } = proposal
  return {
    valid: true,
    proposalId: id,
    server: sealed.server,
    serverKey: sealed.server_key,
    from,
    to,
    task,
    amount,
    currency,
    paymentCodes: { from: proposal.paymentCode, to: acceptance.paymentCode ?? null },
    terms,
    dueSeconds,
    confirmSeconds,
    promisedAtMs: proposal.at,
    acceptedAtMs: acceptance.at,
    ...completion,
    steps,
    notes: receiptNotes(checked),
  }
}

/** Whether a server has sealed just these steps. They must have been checked, for they are spelled here. */
export function isSealed(id: string, { server, server_key, chain, seal }: Sealed): boolean {
  const key = publicKeyFromBase64Url(server_key)
  const signature = parseSignature(seal)
  if (!key || !signature) return false
  const bytes = bytesOf({ server, serverKey: server_key, proposalId: id, chain })
  return bytes !== undefined && ed25519.verify(signature, bytes, key.raw)
}

function bytesOf(fields: SealFields): Uint8Array | undefined {
  try {
    return sealBytes(fields)
  } catch {
    return undefined // what nobody can sign
  }
}

/** @returns what it says, in its one spelling; otherwise what is wrong with it */
function readReceipt(
  file: string | Uint8Array,
): (Sealed & { readonly proposal_id: string }) | string {
  if (file?.length > maxLength) return 'It is too long for a receipt.'
  const text = file instanceof Uint8Array ? decoded(file) : file
  if (typeof text !== 'string') return 'It is no text.'
  const value = scanFrame(text) === undefined ? parse(text) : undefined
  if (typeof value !== 'object' || value === null) return 'It is no receipt: no JSON object.'
  const receipt = value as Fields // just checked
  const { agentchat_receipt, server, server_key, proposal_id, seal, chain } = receipt
  if (agentchat_receipt !== version) return 'It is no receipt of version 1.'
  if (Object.keys(receipt).sort().join() !== fieldNames.join()) {
    return 'It has not the fields of a receipt.'
  }
  const texts = [server, server_key, proposal_id, seal]
  if (!texts.every((one) => typeof one === 'string') || !Array.isArray(chain)) {
    return 'It has not the fields of a receipt.'
  }
  if (spelled(receipt) !== text)
    return 'It is not spelled as receipts are: somebody has changed it.'
  return receipt as unknown as Sealed & { readonly proposal_id: string } // just checked
}

/** Each text has one spelling in bytes. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The scan has bounded how deep it is nested. */
function spelled(receipt: Fields): string | undefined {
  try {
    return `${canonicalJson(receipt)}\n`
  } catch {
    return undefined // numbers that JSON cannot spell
  }
}

function completionOf({
  status,
  version,
  steps,
}: CheckedChain): Pick<ValidReceipt, 'completedAtMs' | 'completedBy' | 'outcome'> | undefined {
  const last = steps.at(-1)
  if (!last || (status !== 'completed' && status !== 'settled')) return undefined
  const { at: completedAtMs, type, outcome } = last
  if (outcome !== undefined) return { completedAtMs, completedBy: 'settlement', outcome }
  if (type === 'TIME_UP') return { completedAtMs, completedBy: 'time' }
  const isClaim = version === 'v0' && type === 'COMPLETE'
  return { completedAtMs, completedBy: isClaim ? 'claim' : 'confirmation' }
}

function wrong(reason: string): ReceiptVerdict {
  return { valid: false, reason }
}
