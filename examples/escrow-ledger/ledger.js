// A ledger in a file of JSON lines, which are only ever added: what is held for which proposal, and where it went.

import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/**
 * Opens a ledger; the file is made by its first line.
 *
 * A line is `{id, at, proposal_id, amount, currency, from, to, state}`: `id` is that of the call which it answers, and
 * the state of a proposal is that of its last line: held, released, returned or settled. A held one is `funded` once
 * the server has our FUNDED.
 *
 * @param {string} file
 * @param {(proposalId: string, reference: string) => Promise<boolean>} fund signs FUNDED; false when the proposal does
 *   not wait for it any more
 */
export function openLedger(file, fund) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const latest = new Map()
  const done = new Set()
  const know = (line) => {
    latest.set(line.proposal_id, line)
    if (line.state !== 'held' || line.funded) done.add(line.id)
  }
  const write = (line) => {
    appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    know(line)
  }
  for (const line of lines) know(JSON.parse(line))

  return {
    /** Does what a call asks for, once: the same call again changes nothing. */
    async take(call) {
      if (done.has(call.id)) return
      const { proposal_id } = call.data.proposal
      const known = latest.get(proposal_id)
      const at = new Date().toISOString()
      if (call.type === 'proposal.accepted' && call.data.held_until !== undefined) {
        const held = known ?? { ...begun(call), at, state: 'held' }
        if (held.state !== 'held') return
        // Held first and signed then: what is signed must be true, also when the power fails in between.
        if (!known) write(held)
        if (await fund(proposal_id, `ledger:${call.id}`)) write({ ...held, at, funded: true })
        return
      }
      const state = ends[call.type]
      if (state && known?.state === 'held') write({ ...known, id: call.id, at, state })
    },
  }
}

/** How what was held ends. What a settlement says, people carry out. */
const ends = {
  'proposal.completed': 'released',
  'proposal.expired': 'returned',
  'proposal.settled': 'settled',
}

function begun({ id, data: { proposal, step } }) {
  const { proposal_id, amount, currency } = proposal
  // The step names who took it, also where the proposal was an offer to a channel.
  return { id, proposal_id, amount, currency, from: step.from, to: step.to }
}
