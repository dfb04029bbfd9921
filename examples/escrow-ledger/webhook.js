// Tells whether a call comes from the AgentChat server that it should come from: Standard Webhooks, signed with Ed25519.

import { createPublicKey, verify } from 'node:crypto'

/** Calls that are older, or come from further in the future, are refused. */
const toleranceSeconds = 300

/** A server that changes its key signs with both for a while; nobody needs more of them. */
const signaturesMost = 4

/**
 * Reads the public key of a server.
 *
 * @param {string} text `whpk_` and the base64 of 32 bytes, or their base64url as in ~/.agentchat/known_servers
 * @throws {Error} when it is no Ed25519 key
 */
export function readKey(text) {
  const bytes = Buffer.from(text.replace(/^whpk_/, ''), 'base64')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') }
  return createPublicKey({ key: jwk, format: 'jwk' })
}

/**
 * Checks a call, and reads it.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {Buffer} body exactly as it came
 * @param {{key: import('node:crypto').KeyObject, hook: string, nowMs: number}} expected `hook` is this hook's name: a
 *   server signs for all its hooks with one key, and what was meant for another is not for us
 * @returns {{id: string, type: string, timestamp: string, data: object} | undefined} undefined when it is refused
 */
export function readCall(headers, body, { key, hook, nowMs }) {
  const { id, seconds, signatures } = metadata(headers)
  if (!/^[a-z0-9-]+\.\d+$/.test(id) || !id.startsWith(`${hook}.`)) return undefined
  if (!/^\d{1,12}$/.test(seconds)) return undefined
  if (Math.abs(nowMs / 1_000 - Number(seconds)) > toleranceSeconds) return undefined
  const signed = Buffer.concat([Buffer.from(`${id}.${seconds}.`), body])
  const isSigned = signatures.some((bytes) => verify(null, signed, key, bytes))
  return isSigned ? { ...JSON.parse(body.toString('utf8')), id } : undefined
}

function metadata(headers) {
  const [id, seconds, list] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`] ?? ''),
  )
  const signatures = list
    .split(' ', signaturesMost)
    .map((one) => /^v1a,([A-Za-z0-9+/]{86}==)$/.exec(one)?.[1])
    .filter((text) => text !== undefined)
    .map((text) => Buffer.from(text, 'base64'))
  return { id, seconds, signatures }
}
