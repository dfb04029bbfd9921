// What is signed for each purpose, as a table in the reference: found out from the bytes themselves.

import { proposalBytes, sealBytes, stepBytes, termFields, termsHash } from './proposal-signing.ts'
import { type StepType, steps } from './proposal-steps.ts'
import { challengeBytes, hashText, loginBytes, messageBytes, peerVerifyBytes } from './signing.ts'

const login = {
  server: 'name-of-the-server',
  serverKey: 'server_key',
  serverNonce: 'nonce-of-the-server',
  clientNonce: 'nonce-of-the-client',
  time: 1,
  versions: ['v1', 'v0'],
}
const message = {
  server: login.server,
  target: 'to',
  agent: 'id-of-the-agent',
  cid: 'cid',
  ts: 2,
  kind: 'text',
  inReplyTo: 'in_reply_to',
  content: 'content',
  extensions: { expects: 'reply' },
}

const stepTypes = Object.keys(steps) as StepType[] // the keys of the table

const samples: Readonly<Record<string, { by: string; bytes: Uint8Array }>> = {
  challenge: { by: 'the server', bytes: challengeBytes(login) },
  login: { by: 'the agent, to log in', bytes: loginBytes({ ...login, agent: message.agent }) },
  msg: { by: 'the agent, for a message', bytes: messageBytes(message) },
  'peer-verify': {
    by: 'the agent, in VERIFY_RESPONSE',
    bytes: peerVerifyBytes({
      server: login.server,
      requester: 'id-of-who-asked',
      target: message.agent,
      nonce: 'nonce',
    }),
  },
  proposal: {
    by: 'the proposer',
    bytes: proposalBytes({
      server: login.server,
      serverKey: login.serverKey,
      from: message.agent,
      to: 'to',
      cid: 'cid',
      ts: 2,
      expiresAt: 3,
      terms: { task: 'task' },
    }),
  },
  [stepTypes.map((type) => steps[type].purpose).join(', ')]: {
    by: `the agent, for ${stepTypes.join(', ')}`,
    bytes: stepBytes({
      type: 'CONFIRM',
      server: login.server,
      proposalId: 'proposal_id',
      proposalHash: 'hash',
      agent: message.agent,
      ts: 2,
      link: 'link',
      fields: {},
    }),
  },
  receipt: {
    by: 'the server, in PROPOSAL_CHAIN',
    bytes: sealBytes({
      server: login.server,
      serverKey: login.serverKey,
      proposalId: 'proposal_id',
      chain: [],
    }),
  },
}

function names(fields: readonly string[]): string {
  return fields.map((field) => `\`${field}\``).join(', ')
}

/** What stands in the samples, in words. */
const words: ReadonlyMap<string, string> = new Map([
  ['1', '`time` of the CHALLENGE'],
  ['2', '`ts`'],
  ['3', '`ts` + 1,000 × `expires`, or `-` without `expires`'],
  ['proposal_id', '`proposal_id`'],
  ['text', '`text` (the kind)'],
  [hashText('v1,v0'), 'hash of `versions`, joined by commas'],
  [hashText('content'), 'hash of `content`'],
  [termsHash({ task: 'task' }), `hash of the terms: ${names(termFields)}, those that are there`],
  [hashText('{"link":"link"}'), 'hash of `{"link":"…"}` and the own fields of the step'],
  [hashText('[]'), 'hash of `chain`'],
  [hashText('{"expects":"reply"}'), 'hash of `{"expects":"…"}`, or `-` without `expects`'],
])

/** Writes the table of purposes. */
export function signingTable(): string {
  const rows = Object.entries(samples).map(
    ([purpose, { by, bytes }]) =>
      `| ${purpose} | ${by} | ${linesOf(bytes).map(inWords).join('; ')} |`,
  )
  return ['| purpose | signed by | fields, in order |', '|---|---|---|', ...rows].join('\n')
}

function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes.subarray(1)).split('\n').slice(1)
}

function inWords(line: string): string {
  const spelled = line.includes('-') ? line.replaceAll('-', ' ') : `\`${line}\``
  return words.get(line) ?? spelled
}
