// RESUME while others talk: what it tells ends at one position in all channels, or some of it would be skipped.

import { expect, test } from 'vitest'
import { withTemporaryDirectory } from '../kit/directory.ts'
import { anon, hasty, keyed, makeKeys, serve } from './kit.ts'

const rounds = 60

test('what is said while RESUME reads is told once, in order, also in a channel that was quiet', async () => {
  await withTemporaryDirectory(async (data) => {
    const server = await serve({ ...hasty, data, durability: 'full' })
    const bob = makeKeys()
    const talker = await anon(server, 'talker')
    const first = await keyed(server, 'bob', bob)
    for (const channel of ['#quiet', '#busy']) {
      await talker.ask({ type: 'CREATE_CHANNEL', channel })
      await first.ask({ type: 'JOIN', channel })
    }
    await first.leave()
    const say = (channel: string) => talker.ask({ type: 'MSG', to: channel, content: 'x' })

    for (let round = 0; round < rounds; round++) {
      await say('#busy')
      const peer = await keyed(server, 'bob', bob, { resume: true })
      const resuming = peer.ask({ type: 'RESUME' })
      const said = ['#quiet', '#busy', '#busy'].map(say)
      const resumed = await resuming
      await Promise.all(said)
      const heard = (await peer.settled('MSG')).map(({ position }) => Number(position))
      const rising = [...new Set(heard)].sort((one, other) => one - other)
      expect(heard, `round ${round}, resumed to ${resumed.position}`).toEqual(rising)
      expect(heard).toHaveLength(4)
      await peer.ask({ type: 'ACK', position: heard.at(-1) })
      await peer.leave()
    }
    await server.stop()
  })
})
