// Seals a proposal with all its steps: the server signs that it has seen just these, in this order, at these times.

import type { Reading } from '../../core/context.ts'
import type { Page } from '../../log/port.ts'
import { encode } from '../../protocol/encode.ts'
import { sealBytes } from '../../protocol/proposal-signing.ts'
import type { ServerIdentity } from '../server-key.ts'

/** The text of PROPOSAL_CHAIN. @throws Error when the page holds only a part of the chain */
export function sealedChain(
  { proposal, now, ref }: Reading & { readonly shape: 'chain' },
  page: Page,
  { server, key }: ServerIdentity,
): string {
  const { proposal_id: proposalId } = proposal
  // Half a chain must not be sealed: whoever keeps it would take it for the whole.
  if (page.more) throw new Error(`the chain of ${proposalId} is longer than it can be`)
  const chain = page.items.map(({ news }) => JSON.parse(news)) // as we told them
  const { publicKey: serverKey } = key
  const seal = key.sign(sealBytes({ server, serverKey, proposalId, chain }))
  const fields = { proposal, chain, server, server_key: serverKey, seal }
  return encode('PROPOSAL_CHAIN', now, fields, ref)
}
