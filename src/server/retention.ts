// Retention: what is older than the operator wants to keep is forgotten, now and then.

import type { Outcome } from '../core/context.ts'
import type { Log } from '../log/port.ts'
import type { Clock } from './clock.ts'
import type { ServeOptions } from './config.ts'
import type { Node } from './node.ts'
import type { Report } from './report.ts'

const dayMs = 86_400_000

export interface RetentionParts {
  readonly options: Pick<ServeOptions, 'retainAge' | 'retainCount'>
  readonly log: Log<Outcome>
  readonly node: Node
  readonly clock: Clock
  readonly report: Report
}

/** Forgets what the options say; does nothing when they say nothing. The world is frozen before. */
export async function forgetOld({
  options,
  log,
  node,
  clock,
  report,
}: RetentionParts): Promise<void> {
  const { retainAge, retainCount } = options
  const bounds: number[] = []
  if (retainAge !== undefined) {
    bounds.push((await log.positionAt(clock.now() - retainAge * dayMs)) - 1)
  }
  if (retainCount !== undefined) bounds.push(node.world.position - retainCount)
  const position = Math.max(0, ...bounds)
  if (position === 0) return
  await node.freeze()
  await log.forget(position)
  report('retention-done', { position })
}
