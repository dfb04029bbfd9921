// What every adapter of the log has to keep: refusals, order, history, and its end.

import { afterEach, beforeEach, describe } from 'vitest'
import type { Log } from '../../src/log/port.ts'
import { counts } from '../log/contract/counts.ts'
import { ends, retention } from '../log/contract/ends.ts'
import { lasting } from '../log/contract/lasting.ts'
import { order, refusals } from '../log/contract/order.ts'
import { pages } from '../log/contract/pages.ts'
import {
  type LogPlace,
  type Recorder,
  type Stage,
  start,
  type Told,
} from '../log/contract/recorder.ts'

/** Runs the contract against an adapter. */
export function logContract(name: string, make: () => Promise<LogPlace>): void {
  describe(`${name} keeps the contract of the log`, () => {
    let place: LogPlace
    let log: Log<Told>
    let told: Recorder
    const stage: Stage = {
      get place() {
        return place
      },
      get log() {
        return log
      },
      get told() {
        return told
      },
      async restart() {
        await log.close()
        ;({ log, told } = await start(place))
      },
    }
    beforeEach(async () => {
      place = await make()
      ;({ log, told } = await start(place))
    })
    afterEach(async () => {
      await log.close()
      await place.remove()
    })
    describe('refusals', () => refusals(stage))
    describe('order', () => order(stage))
    describe('pages', () => pages(stage))
    describe('counts', () => counts(stage))
    describe('retention', () => retention(stage))
    describe('lasting streams', () => lasting(stage))
    describe('the end', () => ends(stage))
  })
}
