// The login of version 1: the server proves itself first, then we do. Never that of version 0. Or by a token.

import { ed25519 } from '#ed25519'
import type { AskFields, AskType, Heard } from '../protocol/frames.ts'
import { publicKeyFromBase64Url } from '../protocol/keys.ts'
import {
  type ChallengeFields,
  challengeBytes,
  loginBytes,
  parseSignature,
} from '../protocol/signing.ts'
import { IdentityError } from './errors.ts'
import type { Signer } from './identity.ts'
import { isPinned, type KnownServers } from './known-servers.ts'
import type { Frame } from './options.ts'
import { loginNonce } from './random.ts'
import { nonsense, ofType } from './requests.ts'

/** Whether the next connection is the same agent's: the server knows it, its channels, and what it has sent. */
export function isLasting({ signer, token }: Pick<LoginOptions, 'signer' | 'token'>): boolean {
  return signer !== undefined || token !== undefined
}

/** Who logs in, and where. */
export interface LoginOptions {
  readonly name: string
  /** Undefined for an agent that ends with the connection. */
  readonly signer: Signer | undefined
  /** What speaks for an agent instead of its key; `name` and `signer` are not used then. */
  readonly token: string | undefined
  readonly brief: boolean
  /** The address as `serverAddress` spells it. */
  readonly url: string
  readonly knownServers: KnownServers
}

/** We are in. */
export interface Login {
  readonly welcome: Heard<'WELCOME'>
  /** Raw public key as base64url; undefined without an identity: the server was not proved then. */
  readonly serverKey: string | undefined
}

interface Challenge extends ChallengeFields {
  readonly challengeId: string
}

type Ask = <T extends AskType>(type: T, fields: AskFields<T>) => Promise<Frame>

const version = 1
const versionOffered = 'v1'
const nonceForm = /^[0-9a-f]{64}$/

/**
 * Logs in on a connection.
 *
 * @param resume whether messages are to be held back until RESUME has brought what was missed
 * @throws IdentityError when the server is not who it should be, before anything is signed
 * @throws RefusedError
 * @throws ConnectionError
 */
export async function logIn(ask: Ask, options: LoginOptions, resume: boolean): Promise<Login> {
  const { name, signer, token, brief } = options
  const who = token === undefined ? { name } : { token }
  const asked = { ...who, v: version, ...(resume && { resume }), ...(brief && { brief }) } as const
  if (!signer) {
    const welcome = ofType(await ask('IDENTIFY', asked), 'WELCOME')
    return { welcome: checkWelcome(welcome), serverKey: undefined }
  }
  const nonce = loginNonce()
  const challenge = await ask('IDENTIFY', { ...asked, pubkey: signer.key.pem, nonce })
  const fields = await checkChallenge(challenge, options, nonce)
  const answer = await ask('VERIFY_IDENTITY', {
    v: version,
    challenge_id: fields.challengeId,
    signature: signer.sign(loginBytes({ ...fields, agent: signer.key.id })),
    timestamp: fields.time,
  })
  const welcome = checkWelcome(ofType(answer, 'WELCOME'))
  checkAgent(welcome, signer, fields)
  return { welcome, serverKey: fields.serverKey }
}

/** @throws IdentityError unless the server has proved, for this very login, that it holds its key */
async function checkChallenge(
  challenge: Frame,
  { url, knownServers }: LoginOptions,
  clientNonce: string,
): Promise<Challenge> {
  if (challenge.type === 'WELCOME') throw unproved(url, 'It let us in without a challenge.')
  const fields = readChallenge(ofType(challenge, 'CHALLENGE'), clientNonce)
  const { server_sig: signature } = challenge
  if (typeof signature !== 'string' || !fields.versions.includes(versionOffered)) {
    throw new IdentityError(
      'downgrade',
      `The server at ${url} does not offer version 1 of the login. The older one is never used: it ` +
        'does not tell which server asks.',
    )
  }
  const isKnown = await isPinned(knownServers, url, fields.serverKey)
  if (!isSigned(fields, signature)) throw unproved(url, 'The signature of its challenge is wrong.')
  if (!isKnown) await knownServers.set(url, fields.serverKey)
  return fields
}

/** @throws ConnectionError `nonsense` */
function readChallenge(challenge: Heard<'CHALLENGE'>, clientNonce: string): Challenge {
  const {
    nonce,
    server,
    server_key: serverKey,
    time,
    versions,
    challenge_id: challengeId,
  } = challenge
  const isRight =
    [nonce, server, serverKey, challengeId].every((text) => typeof text === 'string') &&
    nonceForm.test(nonce) &&
    Array.isArray(versions)
  if (!isRight) throw nonsense('its CHALLENGE has not the right fields')
  return { challengeId, server, serverKey, serverNonce: nonce, clientNonce, time, versions }
}

function isSigned(fields: ChallengeFields, signature: string): boolean {
  const key = publicKeyFromBase64Url(fields.serverKey)
  const parsed = parseSignature(signature)
  if (!key || !parsed) return false
  try {
    return ed25519.verify(parsed, challengeBytes(fields), key.raw)
  } catch {
    return false // a field that nobody can sign
  }
}

function unproved(url: string, what: string): IdentityError {
  return new IdentityError(
    'bad-challenge',
    `The server at ${url} did not prove its key. ${what} Nothing was signed for it.`,
  )
}

function checkWelcome(welcome: Heard<'WELCOME'>): Heard<'WELCOME'> {
  const { agent_id: id, name, server, position, cursor = 0, channels, caps = [] } = welcome
  const isRight =
    [id, name, server].every((text) => typeof text === 'string') &&
    [position, cursor].every(Number.isSafeInteger) &&
    Array.isArray(caps) &&
    Array.isArray(channels) &&
    channels.every((channel) => typeof channel === 'string')
  if (!isRight) throw nonsense('its WELCOME has not the right fields')
  return welcome
}

function checkAgent(welcome: Heard<'WELCOME'>, { key }: Signer, fields: ChallengeFields): void {
  if (welcome.agent_id !== key.id) {
    throw new IdentityError(
      'wrong-agent',
      `The server took ${key.id} for ${welcome.agent_id.slice(0, 64)}; the connection was closed.`,
    )
  }
  if (welcome.server !== fields.server) {
    throw new IdentityError(
      'bad-challenge',
      'The server goes by two names; the connection was closed.',
    )
  }
}
