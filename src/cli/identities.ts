// Which identity speaks: named by flag or variable, or chosen with `agentchat identity use`.

import { existsSync } from 'node:fs'
import { loadIdentity, loadToken } from '../client/files.ts'
import type { Identity } from '../client/identity.ts'
import type { Settings } from './command.ts'
import { Failure } from './failure.ts'
import { identityInUse, identityPath } from './home.ts'

/** An identity with the file it is kept in. */
export interface KeptIdentity {
  readonly identity: Identity
  readonly path: string
}

/**
 * The identity to speak with; undefined to speak without a key, or by a token.
 *
 * @throws Failure when there is no file of the one that was named or chosen
 * @throws IdentityError when its file cannot be used
 */
export async function identityOf(settings: Settings): Promise<KeptIdentity | undefined> {
  if (settings.name !== undefined || settings.token !== undefined) return undefined
  const named = settings.identity ?? identityInUse(settings.home)
  return named === undefined ? undefined : await openIdentity(settings.home, named)
}

/** The token to act with; undefined when none was named. @throws IdentityError when its file cannot be used */
export async function tokenOf({ token }: Settings): Promise<string | undefined> {
  if (token === undefined) return undefined
  return 'file' in token ? loadToken(token.file) : token.text.trim()
}

/** Reads an identity by its name or the path of its file. @throws as identityOf */
export async function openIdentity(home: string, named: string): Promise<KeptIdentity> {
  const path = identityPath(home, named)
  if (existsSync(path)) return { identity: await loadIdentity(path), path }
  throw new Failure({
    code: 'IDENTITY_MISSING',
    message: `There is no identity ${named}: no file ${path}.`,
    hint: `agentchat identity list shows those there are; agentchat identity new NAME makes one.`,
    exit: 'identity',
  })
}
