// Proposals in stories: signed as clients sign them, and what an edge would have found out about them.

import type { World } from '../../src/core/world.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { checkPaymentCode } from '../../src/protocol/payments.ts'
import {
  hashOf,
  legacyProposalHash,
  legacyProposalTexts,
  legacyStepHash,
  legacyStepTexts,
  type ProposalFields,
  proposalBytes,
  stepBytes,
  termsHash,
} from '../../src/protocol/proposal-signing.ts'
import { type StepType, steps } from '../../src/protocol/proposal-steps.ts'
import type { KeyPair, Signer } from './identity.ts'

type Fields = Readonly<Record<string, unknown>>

/** A frame that is about to be signed, or to be looked at. */
interface Frame {
  readonly type: string
  readonly fields: Fields
}

export function isStep(type: string): type is StepType {
  return Object.hasOwn(steps, type)
}

/** What of a proposal later steps sign. */
export type Standing = Pick<Heard<'PROPOSAL_STATE'>, 'proposal_id' | 'hash' | 'link'>

/** A PROPOSAL with its signature. */
export function signProposal(signer: Signer, cid: string, fields: Fields): object {
  const { keys, version, server, serverKey, now } = signer
  if (version === 'v0')
    return { ...fields, sig: keys.signText(legacyProposalTexts(fields)[0] ?? '') }
  const ts = Math.floor(now)
  const { to, expires } = fields
  const bytes = proposalBytes({
    server,
    serverKey,
    from: keys.public.id,
    to: String(to),
    cid,
    ts,
    expiresAt: expires ? ts + Number(expires) * 1_000 : undefined,
    terms: fields,
  })
  return { ...fields, cid, ts, sig: keys.sign(bytes) }
}

/** A later step with its signature, behind the step that the signer knows of. */
export function signStep(
  signer: Omit<Signer, 'serverKey'>,
  type: StepType,
  { standing, fields }: { readonly standing: Standing; readonly fields: Fields },
): object {
  const { keys, version, server, now } = signer
  const { proposal_id: proposalId, hash: proposalHash, link } = standing
  const base = { ...fields, proposal_id: proposalId }
  if (version === 'v0') {
    return { ...base, sig: keys.signText(legacyStepTexts(type, proposalId, fields)[0] ?? '') }
  }
  const ts = Math.floor(now)
  const step = { type, server, proposalId, proposalHash, agent: keys.public.id, ts, link, fields }
  return { ...base, ts, link, sig: keys.sign(stepBytes(step)) }
}

interface Edge {
  readonly server: string
  readonly serverKey: string
  readonly world: World
}

interface Login {
  readonly keys: KeyPair
  readonly version: 'v0' | 'v1'
}

/** The fields that an edge adds, if the signature is there; whether it is right is the edge's own test. */
export function edgeOfProposal(edge: Edge, login: Login, frame: Frame): object {
  const { payment_code: code } = frame.fields
  const payment = code ? checkPaymentCode(String(code), login.version === 'v0') : undefined
  return { ...provenOf(edge, login, frame), ...(payment && { payment }) }
}

function provenOf(
  { server, serverKey, world }: Edge,
  { keys, version }: Login,
  { type, fields }: Frame,
): object {
  const agent = keys.public.id
  const signed = (hash: string) => ({ signed: { version, key: keys.text, hash } })
  if (type === 'PROPOSAL') {
    if (version === 'v0') {
      return signed(legacyProposalHash(server, agent, legacyProposalTexts(fields)[0] ?? ''))
    }
    return {
      ...signed(hashOf(proposalBytesOf({ server, serverKey, from: agent }, fields))),
      terms_hash: termsHash(fields),
      server_key: serverKey,
    }
  }
  const proposal = world.proposals.get(String(fields.proposal_id))
  if (!proposal || !isStep(type)) return {}
  const { id: proposalId, hash: proposalHash } = proposal
  if (version === 'v0') {
    const [text] = legacyStepTexts(type, proposalId, fields)
    return text === undefined ? {} : signed(legacyStepHash({ server, proposalId, agent, text }))
  }
  const { ts, link } = fields
  const step = { type, server, proposalId, proposalHash, agent, ts: Number(ts), link: String(link) }
  return signed(hashOf(stepBytes({ ...step, fields })))
}

function proposalBytesOf(
  by: Pick<ProposalFields, 'server' | 'serverKey' | 'from'>,
  fields: Fields,
): Uint8Array {
  const { to, cid, ts, expires } = fields
  return proposalBytes({
    ...by,
    to: String(to),
    cid: String(cid),
    ts: Number(ts),
    expiresAt: expires ? Number(ts) + Number(expires) * 1_000 : undefined,
    terms: fields,
  })
}
