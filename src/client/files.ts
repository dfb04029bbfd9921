// Identities, tokens and known servers on disk. In browsers, where there is no disk, everything here fails and says so.

import { files } from '#files'
import { TOKEN } from '../protocol/token-text.ts'
import { IdentityError } from './errors.ts'
import { type Identity, signerOf } from './identity.ts'
import type { KnownServers } from './known-servers.ts'

/**
 * Reads an identity from its file: JSON with `name`, `pubkey`, `privkey` (PEM) and `created`.
 *
 * @throws IdentityError `bad-file` when it is missing, damaged, or others may read it; `bad-key`
 */
export async function loadIdentity(path: string): Promise<Identity> {
  const { text, isExposed } = await readFile(path, 'There is no identity')
  if (isExposed) {
    throw badFile(`Others may read ${path}, and with it speak as this agent: chmod 600 '${path}'`)
  }
  const { name, pubkey, privkey } = parseObject(text) ?? {}
  if (typeof name !== 'string' || typeof pubkey !== 'string' || typeof privkey !== 'string') {
    throw badFile(`${path} is not the file of an identity: JSON with name, pubkey and privkey.`)
  }
  const identity = { name, publicKey: pubkey, privateKey: privkey }
  signerOf(identity)
  return identity
}

/**
 * Writes an identity to a file that only its owner may read; all of it or nothing.
 *
 * @param options `force`: replace a file that is there
 * @throws IdentityError `exists` without `force`; `bad-key` when it is none
 */
export async function saveIdentity(
  path: string,
  identity: Identity,
  { force = false }: { force?: boolean } = {},
): Promise<void> {
  signerOf(identity)
  const { name, publicKey: pubkey, privateKey: privkey } = identity
  const file = { name, pubkey, privkey, created: new Date().toISOString() }
  await writeSecret(path, `${JSON.stringify(file, null, 2)}\n`, { what: 'an identity', force })
}

/**
 * Reads a token from its file: the token and nothing else.
 *
 * @throws IdentityError `bad-file` when it is missing, is something else, or others may read it
 */
export async function loadToken(path: string): Promise<string> {
  const { text, isExposed } = await readFile(path, 'There is no token')
  if (isExposed) {
    throw badFile(`Others may read ${path}, and act with the token in it: chmod 600 '${path}'`)
  }
  const token = text.trim()
  if (!TOKEN.test(token)) throw badFile(`${path} is not the file of a token: act_… and no more.`)
  return token
}

/** Writes a token to a new file that only its owner may read. @throws IdentityError `exists` */
export async function saveToken(path: string, token: string): Promise<void> {
  await writeSecret(path, `${token}\n`, { what: 'a file', force: false })
}

/**
 * Known servers in a file of JSON lines, `{url, key, added}`; the last line of a server counts.
 * Lines are only ever added, so that processes can share it. To forget a server, take out its lines.
 *
 * @param path need not exist; it is made, with its directory, when a server becomes known
 */
export function fileKnownServers(path: string): KnownServers {
  return {
    async get(url) {
      const lines = (await readKnown(path)).split('\n')
      let key: string | undefined
      for (const [index, line] of lines.entries()) {
        if (line.trim() === '') continue
        const known = parseObject(line)
        if (typeof known?.url !== 'string' || typeof known.key !== 'string') {
          throw badFile(`Line ${index + 1} of ${path} is damaged: no server can be told from it.`)
        }
        if (known.url === url) key = known.key
      }
      return key
    },
    set: (url, key) =>
      files.append(path, JSON.stringify({ url, key, added: new Date().toISOString() })),
  }
}

async function writeSecret(
  path: string,
  text: string,
  { what, force }: { readonly what: string; readonly force: boolean },
): Promise<void> {
  try {
    await files.write(path, text, force)
  } catch (failure) {
    if (files.faultOf(failure) !== 'exists') throw failure
    throw new IdentityError('exists', `There is ${what} at ${path} already; it was not replaced.`)
  }
}

async function readKnown(path: string): Promise<string> {
  try {
    return (await files.read(path)).text
  } catch (failure) {
    if (files.faultOf(failure) === 'missing') return ''
    throw failure
  }
}

async function readFile(path: string, missing: string) {
  try {
    return await files.read(path)
  } catch (failure) {
    if (files.faultOf(failure) === 'missing') throw badFile(`${missing} at ${path}.`)
    throw failure
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function badFile(message: string): IdentityError {
  return new IdentityError('bad-file', message)
}
