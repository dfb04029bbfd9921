// For the tests of shortened ids: two proposals whose ids begin alike.

import { join } from 'node:path'
import { AgentChat } from '../../src/client/chat.ts'
import { loadIdentity } from '../../src/client/files.ts'
import { signerOf } from '../../src/client/identity.ts'
import { hashOf, proposalBytes, proposalId } from '../../src/protocol/proposal-signing.ts'
import type { Town } from './town.ts'

interface Tried {
  readonly id: string
  readonly cid: string
  readonly to: string
}

/**
 * Alice proposes two deals with ids that begin alike; among some thousands there are two.
 *
 * @param targets of the first and the second: `@bob`, or a channel
 */
export async function alike(
  town: Town,
  targets: readonly [string, string] = ['@bob', '@bob'],
): Promise<[string, string]> {
  const identity = await loadIdentity(join(town.home.state, 'identities', 'alice.json'))
  const signer = signerOf(identity)
  const chat = await AgentChat.connect({ server: town.url, identity })
  const { id: bob } = await chat.whois('@bob')
  const addresses = targets.map((target) => (target === '@bob' ? bob : target))
  const { serverName: server, serverKey = '' } = chat
  const ts = Date.now()
  const bytesOf = ({ to, cid }: Omit<Tried, 'id'>) => {
    const terms = { to, task: 'alike' }
    const who = { server, serverKey, from: chat.id, to, cid, ts }
    return proposalBytes({ ...who, expiresAt: undefined, terms })
  }
  const seen: readonly Map<string, Tried>[] = [new Map(), new Map()]
  for (let number = 0; ; number++) {
    const turn = number % 2
    const named = { to: addresses[turn] ?? '', cid: String(number).padStart(22, '0') }
    const tried = { ...named, id: proposalId(hashOf(bytesOf(named))) }
    const start = tried.id.slice(0, 6)
    seen[turn]?.set(start, tried)
    const other = seen[1 - turn]?.get(start)
    if (other === undefined) continue
    const pair = turn === 1 ? [other, tried] : [tried, other]
    for (const one of pair) {
      const { to, cid } = one
      const sig = signer.sign(bytesOf(one))
      await chat.request('PROPOSAL', { to, task: 'alike', cid, ts, sig })
    }
    await chat.close()
    return pair.map(({ id }) => id) as [string, string] // two
  }
}
