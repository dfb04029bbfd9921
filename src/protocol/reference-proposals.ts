// The life of a proposal for the reference: its table of stages, and why a step may be refused.

import { limits } from './limits.ts'
import { life, proposalFaults, type Stage, toldAs } from './proposal-life.ts'

/** Writes the chapter. */
export function proposalChapter(): string {
  return `## The life of a proposal

A proposal of version 1 has the SHA-256 of what its proposer signed as its id, so it cannot be changed: other terms are
another proposal. Each later step signs that hash, and in \`link\` the hash of the step before; so all steps together are a
chain that anyone can check without a server (GET_PROPOSAL, \`agentchat proposals receipt\`, \`agentchat verify\`).

| stage | told as | what may come next |
|---|---|---|
${Object.keys(life)
  .map((stage) => rowOf(stage as Stage)) // the keys of the table are the stages
  .join('\n')}

- \`accept\` holds when the operator has named an escrow and the proposal has an amount; the escrow then signs FUNDED.
- \`claim\` is COMPLETE; \`finish\` is COMPLETE of a proposal of version 0, which knows no confirmation. \`confirm\` is CONFIRM, or
  COMPLETE by the other party. \`offer\` and \`agree\` are SETTLE: it is settled once both have signed the same \`outcome\`.
- \`pass\` is what time does, told as TIME_UP: a proposal that says nothing stands for ${days(limits.proposal_open_ms)} days, an accepted one for
  ${days(limits.proposal_accepted_ms)}, and a completion that nobody confirmed or disputed stands after ${limits.confirm_seconds / 3_600} hours.
- A proposal to \`#channel\` is an open offer: the first member whose ACCEPT is in the log has it. Others hear OFFER_CLOSED.
- Every step is told to both parties, and waits for whoever is away: RESUME brings it, in order, with the messages.
- A step that is sent again is answered again with \`repeat\`, and taken once.
- \`payment_code\` is checked where it can be (BIP47, Solana); \`payment\` says how. No money moves here.

INVALID_PROPOSAL says in \`message\` why:

| message | what it means |
|---|---|
${Object.entries(proposalFaults)
  .map(([fault, hint]) => `| ${fault} | ${hint} |`)
  .join('\n')}`
}

function rowOf(stage: Stage): string {
  const moves = Object.entries(life[stage]).map(([verb, { by, to }]) => `${verb} (${by}) → ${to}`)
  const told = Object.values(toldAs[stage]).join(', awaiting ')
  return `| ${stage} | ${told} | ${moves.join('; ') || 'nothing'} |`
}

function days(ms: number): number {
  return ms / 86_400_000
}
