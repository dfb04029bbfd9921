// After a login: hearing what was missed, page by page, or going back into one's channels.

import type { AskFields } from '../protocol/frames.ts'
import { limits } from '../protocol/limits.ts'
import { RefusedError } from './errors.ts'
import type { Inbox } from './inbox.ts'
import type { Frame } from './options.ts'
import { patiently } from './patience.ts'
import type { Readers } from './reader.ts'
import { nonsense, ofType } from './requests.ts'
import { waitFor } from './wait.ts'

interface Missed {
  /** Undefined for the cursor that the server keeps. */
  readonly after: number | undefined
  readonly inbox: Inbox
  readonly readers: Readers
  readonly connection: AbortSignal
}

/**
 * Has the server tell what was missed. Asks for more only when the readers have room for it.
 *
 * @returns up to where the server has forgotten what was missed; undefined when it has all of it
 * @throws what keeps it from being told
 */
export async function hearMissed(
  ask: (fields: AskFields<'RESUME'>) => Promise<Frame>,
  { after, inbox, readers, connection }: Missed,
): Promise<number | undefined> {
  let from = after
  let lost: number | undefined
  for (;;) {
    const fields = from === undefined ? {} : { after: from }
    const answer = await patiently(() => ask(fields), connection)
    const { position, more, forgotten } = ofType(answer, 'RESUMED')
    lost ??= forgotten
    if (!Number.isSafeInteger(position)) throw nonsense('its RESUMED has no position')
    inbox.resumedTo(position)
    if (!more) break
    if (position <= (from ?? -1)) throw nonsense('its RESUMED goes round in a circle')
    from = position
    await waitFor<void>({ signal: connection }, ({ resolve }) => readers.whenRoom(resolve))
  }
  inbox.endResume()
  return lost
}

/**
 * Goes back into channels, as an agent that the server does not know yet. Channels that do not let
 * it in are left out.
 *
 * @returns those
 */
export async function joinAgain(
  ask: (fields: AskFields<'JOIN'>) => Promise<Frame>,
  channels: readonly string[],
  connection: AbortSignal,
): Promise<string[]> {
  const closed: string[] = []
  for (const channel of channels) {
    try {
      await patiently(() => ask({ channel, replay: limits.page_messages }), connection)
    } catch (failure) {
      if (!(failure instanceof RefusedError)) throw failure
      closed.push(channel)
    }
  }
  return closed
}
