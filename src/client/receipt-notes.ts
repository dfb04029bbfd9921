// What a receipt does not prove, in words: what is only the server's word, and what a signature leaves out.

import type { CheckedChain } from './proposal-chain.ts'

/** A sentence for each thing that no agent has signed. */
export function receiptNotes(chain: CheckedChain): string[] {
  return [
    'The times at which the server took each step, and their positions, are its word; an agent signs the time of its own clock.',
    ...ofCompletion(chain),
    ...ofEscrow(chain),
    ...ofOlderSignatures(chain),
  ]
}

function ofCompletion({ steps, version }: CheckedChain): string[] {
  const last = steps.at(-1)
  if (last?.type === 'TIME_UP') {
    const claim = steps.findLast(({ type }) => type === 'COMPLETE')
    return [
      `Only ${claim?.by} says that it was done. It counts as completed because nobody disputed it in time, and that is the server's word.`,
    ]
  }
  if (version === 'v0' && last?.type === 'COMPLETE') {
    return [`Only ${last.by} says that it was done; version 0 knows no confirmation.`]
  }
  return []
}

function ofEscrow({ steps }: CheckedChain): string[] {
  const funded = steps.find(({ type }) => type === 'FUNDED')
  if (!funded) return []
  return [`That ${funded.by} was the escrow is the server's word; what it signed is its own.`]
}

function ofOlderSignatures({
  version,
  unsigned,
  proposal,
  from,
  to,
  steps,
}: CheckedChain): string[] {
  const notes: string[] = []
  if (version === 'v0') {
    notes.push(
      `${from} signed the proposal with version 0, which covers neither its time nor the server: it may have been made at another time or place, and anybody may have sealed it.`,
    )
    if (unsigned.includes('to')) {
      notes.push(
        `It was signed as made to ${proposal.to}; that this is ${to} is the server's word.`,
      )
    }
  }
  const fields = unsigned.filter((name) => name !== 'to')
  if (fields.length > 0)
    notes.push(`The proposer's signature does not cover: ${fields.join(', ')}.`)
  for (const { type, by, version: signed } of steps) {
    if (signed !== 'v0') continue
    notes.push(
      `${by} signed ${type} with version 0, which covers neither its time nor the step before it.`,
    )
  }
  return notes
}
