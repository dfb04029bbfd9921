// The key that a server proves itself with: made at the first start, kept beside the log.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toBase64Url } from '../protocol/bytes.ts'
import { StartError } from './start-error.ts'

/** Length of the head before the 32 raw bytes in the SPKI form of an Ed25519 key (RFC 8410). */
const spkiHeadBytes = 12

export interface ServerKey {
  /** Raw public key as base64url: what clients pin. */
  readonly publicKey: string
  /** Ed25519 signature, base64url. */
  sign(bytes: Uint8Array): string
}

/** What a server is known by. */
export interface ServerIdentity {
  /** Its name, as clients dial it. */
  readonly server: string
  readonly key: ServerKey
}

/** A key that ends with the process. */
export function temporaryServerKey(): ServerKey {
  return fromPrivate(generateKeyPairSync('ed25519').privateKey)
}

/**
 * The key in `server.key` of the data directory; made there, mode 0600, when there is none.
 * @throws StartError when the file is readable by others or holds no Ed25519 key
 */
export function loadServerKey(directory: string): ServerKey {
  const path = join(directory, 'server.key')
  try {
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(path, pem, { mode: 0o600, flag: 'wx' })
    return fromPrivate(privateKey)
  } catch (failure) {
    if (!isExisting(failure)) throw failure
    return readServerKey(path)
  }
}

function readServerKey(path: string): ServerKey {
  if ((statSync(path).mode & 0o077) !== 0) {
    throw new StartError(`Others may read ${path}.`, `chmod 600 '${path}'`)
  }
  try {
    const privateKey = createPrivateKey(readFileSync(path))
    if (privateKey.asymmetricKeyType === 'ed25519') return fromPrivate(privateKey)
  } catch {
    // Whatever is wrong with it, the way out is the same.
  }
  throw new StartError(
    `${path} holds no Ed25519 private key.`,
    'Restore it from a backup; without it clients that have pinned the server refuse it, and its proposals cannot go on.',
  )
}

function fromPrivate(privateKey: KeyObject): ServerKey {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return {
    publicKey: toBase64Url(spki.subarray(spkiHeadBytes)),
    sign: (bytes) => toBase64Url(sign(null, bytes, privateKey)),
  }
}

function isExisting(failure: unknown): boolean {
  return failure instanceof Error && Reflect.get(failure, 'code') === 'EEXIST'
}
