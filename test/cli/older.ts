// For the tests of the command line: somebody new, and an agent of the older wire who proposes something to it.

import { keyedV0, makeKeys, serve } from '../wire/kit.ts'
import { proposalV0 } from '../wire/proposal-kit.ts'
import type { Home, Result } from './kit.ts'

/** Proposes something of version 0 to a new identity of a home. */
export async function olderOffer(home: Home) {
  const server = await serve()
  const run = (...args: readonly string[]): Promise<Result> =>
    home.run(args, { env: { AGENTCHAT_SERVER: server.url } })
  await run('identity', 'new', 'newer')
  const { id: to } = (await run('me')).last
  const keys = makeKeys()
  const older = await keyedV0(server, 'older', keys)
  const offer = { to, task: 'translate the page', amount: 5, currency: '', expires: 3_600 }
  older.send(proposalV0(keys, { ...offer, terms: 'as always' }))
  const id = String((await older.next('PROPOSAL')).proposal_id)
  return { run, older, keys, id, to }
}
