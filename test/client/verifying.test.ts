// What a signature on a message is worth, to somebody who does not believe the server.

import { describe, expect, test } from 'vitest'
import { type Verdict, verifyMessage } from '../../src/index.ts'
import type { TellFields } from '../../src/protocol/frames.ts'
import { keyPairOf, signMessage } from '../kit/identity.ts'

type Said = TellFields<'MSG'>

const serverName = 'chat.example'
const alice = keyPairOf('alice')
const mallory = keyPairOf('mallory')
const text = {
  to: '#general',
  content: 'héllo',
  cid: 'c'.repeat(22),
  in_reply_to: 'm7',
  expects: 'reply',
} as const

function said(version: 'v0' | 'v1', keys = alice): Said {
  const signer = { keys, version, server: serverName, now: 1_795_518_162_123 }
  const { sig, ts: sig_ts } = signMessage(signer, text)
  const who = { from: alice.public.id, from_name: 'alice', auth: version }
  return {
    ...text,
    ...who,
    msg_id: 'm8',
    position: 8,
    sig,
    sig_ts,
    sig_version: version,
    key: keys.text,
  }
}

function statusOf(frame: object, server = serverName): Verdict['status'] {
  return verifyMessage(frame as Said, { serverName: server }).status
}

test('a stripped signature shows: the server’s word alone is unsigned', () => {
  const { sig, sig_ts, sig_version, key, ...stripped } = said('v1')
  expect([sig, sig_ts, sig_version, key]).not.toContain(undefined)
  expect(verifyMessage(stripped, { serverName })).toEqual({
    status: 'unsigned',
    reason: 'It carries no signature.',
  })
  expect(statusOf({ ...said('v1'), sig: undefined })).toBe('unsigned')
})

describe('what was changed after it was signed is forged', () => {
  test.each([
    ['the text', { content: 'hello' }],
    ['the channel', { to: '#agents' }],
    ['the target', { to: mallory.public.id }],
    ['the agent', { from: mallory.public.id }],
    ['the agent with its key', { from: mallory.public.id, key: mallory.text }],
    ['the cid', { cid: 'd'.repeat(22) }],
    ['no cid', { cid: undefined }],
    ['the time', { sig_ts: 1_795_518_162_124 }],
    ['no time', { sig_ts: undefined }],
    ['what it answers', { in_reply_to: 'm6' }],
    ['that it answers', { in_reply_to: undefined }],
    ['what it expects', { expects: 'none' }],
    ['that it expects', { expects: undefined }],
    ['the version', { sig_version: 'v0' }],
    ['no version', { sig_version: undefined }],
    ['no key', { key: undefined }],
    ['a key that is none', { key: 'A'.repeat(43) }],
    ['another signature', { sig: said('v1', mallory).sig }],
    ['a signature that is none', { sig: 'A'.repeat(85) }],
    ['the spelling of the signature', { sig: `${said('v1').sig}=` }],
    ['lists where texts were', { to: [text.to] }],
    ['a list of a cid', { cid: [text.cid] }],
    [
      'objects that fight back',
      { content: { toString: 1, includes: 1 }, in_reply_to: { toString: 1 } },
    ],
  ])('%s', (_what, changed) => {
    expect(statusOf({ ...said('v1'), ...changed })).toBe('forged')
  })

  test('the server', () => {
    expect(statusOf(said('v1'), 'other.example')).toBe('forged')
  })
})

test('what is as it was signed is signed', () => {
  expect(verifyMessage(said('v1'), { serverName })).toMatchObject({
    status: 'signed',
    version: 'v1',
  })
})

test('what others add is not looked at', () => {
  const added = {
    position: 9,
    thread: 'm1',
    mentions: ['@x'],
    depth: 4,
    from_name: 'bob',
    auth: 'anon',
  }
  expect(statusOf({ ...said('v1'), ...added })).toBe('signed')
})

test('version 0 covers the target, the text and the time, and says so', () => {
  const verdict = verifyMessage(said('v0'), { serverName })
  expect(verdict).toMatchObject({ status: 'signed', version: 'v0' })
  expect(statusOf({ ...said('v0'), in_reply_to: 'm6' }, 'other.example')).toBe('signed')
  for (const changed of [
    { content: 'hello' },
    { to: '#agents' },
    { sig_ts: 1 },
    { sig_ts: undefined },
  ]) {
    expect(statusOf({ ...said('v0'), ...changed })).toBe('forged')
  }
  expect(statusOf({ ...said('v0'), sig_version: 'v1' })).toBe('forged')
})
