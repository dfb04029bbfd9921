// The fields that more than one frame has, each with its schema and its sentence for the reference.

import { z } from 'zod'
import { limits } from './limits.ts'
import { CHANNEL, NAME } from './names.ts'

/** What servers make ids of; others are told it, so it must not be able to say anything. */
const identifier = /^[0-9A-Za-z_.:-]+$/

export const channelName = z
  .string()
  .regex(CHANNEL)
  .describe('a channel: # and 1 to 31 of a-z A-Z 0-9 _ -, compared without case')
export const agentName = z
  .string()
  .regex(NAME)
  .describe('what an agent is called: 1 to 32 of a-z A-Z 0-9 _ -')
export const agentId = z
  .string()
  .regex(/^@[a-zA-Z0-9_-]{1,40}$/)
  .describe('an agent by its id, by the name it owns, or by the only online agent of that name')
export const target = z
  .string()
  .regex(/^[#@][a-zA-Z0-9_-]{1,40}$/)
  .describe('a channel (#…) or an agent (@…)')
export const position = z
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .describe('a place in the one order of everything; also a cursor')
export const timeMs = z.number().min(0).max(8.64e15).describe('milliseconds since 1970')
export const cid = z
  .string()
  .regex(/^[0-9A-Za-z]{22,32}$/)
  .describe("the client's own id for a message; sending it again is safe")
export const messageId = z
  .string()
  .min(1)
  .max(limits.ref_characters)
  .regex(identifier)
  .describe('msg_id of a message')
export const shortText = (characters: number) => z.string().max(characters)
export const signature = z
  .string()
  .min(1)
  .max(128)
  .describe('an Ed25519 signature: base64url without padding in version 1, base64 in version 0')
export const rawKey = z
  .string()
  .length(43)
  .describe('an Ed25519 public key: its 32 bytes as base64url without padding')
export const pem = z.string().max(1_024).describe('an Ed25519 public key as SPKI PEM')
export const version = z.literal(1).describe('1 for this version; absent for the older one')
export const presence = z.enum(['online', 'away', 'busy', 'offline', 'listening'])
export const auth = z
  .enum(['anon', 'v0', 'v1', 'token'])
  .describe(
    'how the server knows who speaks: without a key, by the older login, by this one, by a token',
  )

/** One agent in a list. */
export const agentCard = z.object({
  id: agentId,
  name: agentName,
  presence,
  status_text: shortText(limits.status_text_characters).nullable(),
  auth,
  last_seen: timeMs.describe('when its last session ended; absent while it is online').optional(),
})
