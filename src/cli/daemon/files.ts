// The files of a daemon, for tools that only read and write files: what it hears is added to one, what stands in another is said.

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { AgentChat } from '../../client/chat.ts'
import { signerOf } from '../../client/identity.ts'
import { openIdentity } from '../identities.ts'
import { InboxFile } from './inbox-file.ts'
import { OutboxFile } from './outbox-file.ts'
import type { Stand } from './place.ts'
import type { Standing } from './standing.ts'

export interface OpenFiles {
  /** What to hear first on a connection: what came after this position, or after the cursor. */
  readonly resume: number | true
  /** Writes down what is heard on a connection. */
  hear(chat: AgentChat): void
  /** Says what is written, until the signal. @throws what is wrong with the files */
  work(standing: Standing, signal: AbortSignal): Promise<void>
}

interface FilesOptions {
  readonly stand: Stand
  readonly note: (text: string) => void
  /** Called when a file cannot be written. */
  readonly fail: (cause: unknown) => void
}

/**
 * Opens the files in a directory, and makes it.
 *
 * @throws Failure when they belong to another agent or server, or a state is damaged
 * @throws IdentityError
 */
export async function openFiles(
  directory: string,
  { stand, note, fail }: FilesOptions,
): Promise<OpenFiles> {
  const path = resolve(directory)
  const { identity } = await openIdentity(stand.home, stand.identity)
  const owner = `${signerOf(identity).key.id} at ${stand.server}`
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const outbox = new OutboxFile(path, { owner, note })
  const inbox = new InboxFile(join(path, 'inbox'))
  return {
    get resume() {
      return inbox.position ?? true
    },
    hear: (chat) => inbox.hear(chat, fail),
    work: (standing, signal) => outbox.work(standing, signal),
  }
}
