// Checks the steps of a proposal as a client would that trusts no server: from what was told alone.

import { verify } from 'node:crypto'
import { fromBase64Url } from '../../src/protocol/bytes.ts'
import { publicKeyFromBase64Url } from '../../src/protocol/keys.ts'
import { hashOf, proposalBytes, stepBytes } from '../../src/protocol/proposal-signing.ts'
import type { StepType } from '../../src/protocol/proposal-steps.ts'

type Frame = Readonly<Record<string, unknown>>

/** What is known of a server, whatever frames say. */
interface Server {
  readonly server: string
  readonly serverKey: string
}

interface Checked {
  readonly faults: readonly string[]
  /** Hash of the newest step. */
  readonly link: string
}

/** Checks a chain of version 1: every signature, and that each step names the one before. Time signs nothing. */
export function verifyBytes(on: Server, chain: readonly Frame[]): Checked {
  const faults: string[] = []
  let link = ''
  const [first = {}] = chain
  for (const frame of chain.filter(({ type }) => type !== 'TIME_UP')) {
    const bytes = frame === first ? firstBytes(on, frame) : nextBytes(on.server, first, frame)
    if (frame !== first && frame.link !== link) faults.push(`${frame.type} is out of place`)
    if (frame === first && frame.server_key !== on.serverKey) faults.push('of another server')
    if (!isSigned(frame, bytes)) faults.push(`${frame.type} is not signed`)
    link = hashOf(bytes)
  }
  return { faults, link }
}

function firstBytes({ server, serverKey }: Server, frame: Frame): Uint8Array {
  const { from, to, cid, sig_ts: ts, expires } = frame
  return proposalBytes({
    server,
    serverKey,
    from: String(from),
    to: String(to),
    cid: String(cid),
    ts: Number(ts),
    expiresAt: expires === null ? undefined : Number(expires),
    terms: frame,
  })
}

function nextBytes(server: string, first: Frame, frame: Frame): Uint8Array {
  return stepBytes({
    type: frame.type as StepType, // every frame of a chain but the first and TIME_UP is a step
    server,
    proposalId: String(first.proposal_id),
    proposalHash: String(first.hash),
    agent: String(frame.by),
    ts: Number(frame.sig_ts),
    link: String(frame.link),
    fields: frame,
  })
}

function isSigned({ key: text, sig }: Frame, bytes: Uint8Array): boolean {
  const key = publicKeyFromBase64Url(String(text))
  const signature = fromBase64Url(String(sig))
  return key !== undefined && signature !== undefined && verify(null, bytes, key.pem, signature)
}
