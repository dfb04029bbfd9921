// Both versions of the login: what each proves, what displaces what, and what a key has left behind.

import { describe, expect, test } from 'vitest'
import { drivers, inTown } from '../kit/drivers.ts'
import { keyPairOf } from '../kit/identity.ts'

const older = { name: 'alice', keys: keyPairOf('alice'), version: 'v0' } as const

describe.each(drivers)('on %s', (_name, town) => {
  test(
    'a key that has logged in with version 1 is let in the older way only when its owner says so',
    inTown(town, async (here) => {
      const alice = await here.keyed('alice')
      await here.turnsAway('V1_REQUIRED', older)
      await alice.asks('ALLOW_LEGACY', { allow: true })
      const other = await here.open(older)
      expect(other.id).toBe(alice.id)
      await alice.asks('ALLOW_LEGACY', { allow: false })
      await here.turnsAway('V1_REQUIRED', older)
      await here.clock.advance(31 * 86_400_000)
      await here.open(older)
    }),
  )

  test(
    'the newer of two older connections takes the place of the other, at most three times a minute',
    inTown(town, async (here) => {
      let held = await here.open(older)
      for (let takeOver = 0; takeOver < 3; takeOver++) {
        const newer = await held.again()
        await held.heard('SESSION_DISPLACED', { new_ip: 'hidden' })
        expect(await held.ended()).toBe('1000')
        held = newer
      }
      const refusal = await here.turnsAway('RATE_LIMITED', older)
      expect(refusal.retry_after_ms).toBeGreaterThan(50_000)
      expect((await held.asks('PING', {})).type).toBe('PONG')
      await here.clock.advance(60_001)
      await held.again()
    }),
  )

  test(
    'connections of version 1 stand side by side, and hear the same',
    inTown(town, async (here) => {
      const bob = await here.agent('bob')
      const alice = await here.keyed('alice')
      const second = await alice.again()
      await alice.join('#general')
      await bob.join('#general')
      await bob.says('#general', 'both of you')
      const heard = await alice.heard('MSG')
      expect(await second.heard('MSG')).toEqual(heard)
    }),
  )

  test(
    'each message tells how the server knows who speaks, and brings the signature that proves it',
    inTown(town, async (here) => {
      const [anybody] = await here.agents('anybody')
      const [v0, v1] = [await here.keyed('old', { version: 'v0' }), await here.keyed('new')]
      for (const actor of [anybody, v0, v1]) await actor.join('#general')
      await anybody.says('#general', 'one')
      await v0.says('#general', 'two', { sig: null })
      await v0.says('#general', 'three')
      await v1.says('#general', 'four', { expects: 'none' })
      await v1.refused('SIGNATURE_REQUIRED', 'MSG', { to: '#general', content: 'five', sig: null })
      const heard = await anybody.heardSoFar('MSG')
      expect(heard.map(({ auth, sig_version }) => [auth, sig_version])).toEqual([
        ['anon', undefined],
        ['v0', undefined],
        ['v0', 'v0'],
        ['v1', 'v1'],
      ])
      expect(heard[3]?.key).toBe(keyPairOf('new').text)
    }),
  )
})
