// M4: A field that recipients act on is changed, because the signature does not cover it.

import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyMessage } from '../../src/index.ts'
import type { Heard } from '../../src/protocol/frames.ts'
import { type Frame, keyed, makeKeys, serve, signedMessage } from '../wire/kit.ts'

const alice = makeKeys()
const mallory = makeKeys()

async function aliceSays() {
  const server = await serve()
  const sender = await keyed(server, 'alice', alice)
  for (const channel of ['#general', '#agents']) await sender.ask({ type: 'JOIN', channel })
  const first = await sender.ask(signedMessage(alice, { to: '#general', content: 'the question' }))
  await sender.settled()
  const message = signedMessage(alice, {
    to: '#general',
    content: 'yes',
    expects: 'reply',
    in_reply_to: String(first.msg_id),
  })
  return { server, sender, message }
}

/** Every field of a signed MSG that means something, each with another value. */
const others: Record<string, unknown> = {
  to: '#agents',
  content: 'no',
  cid: randomBytes(12).toString('hex'),
  ts: Date.now() - 1_000,
  in_reply_to: 'm1',
  expects: 'none',
}

describe('on the way to the server', () => {
  test.each(Object.keys(others))('another %s is refused', async (field) => {
    const { sender, message } = await aliceSays()
    expect(await sender.ask({ ...message, [field]: others[field] })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })

  test.each(['in_reply_to', 'expects', 'cid', 'ts'])('a missing %s is refused', async (field) => {
    const { sender, message } = await aliceSays()
    expect(await sender.ask({ ...message, [field]: null })).toMatchObject({
      code: 'VERIFICATION_FAILED',
    })
  })

  test('what is not declared goes no further', async () => {
    const { sender, message } = await aliceSays()
    const more = { from: '@0123456789abcdef', auth: 'v0', depth: -5, thread: 'm1', admin: true }
    await sender.ask({ ...message, ...more })
    const heard = await sender.next('MSG')
    expect(heard).toMatchObject({ from: sender.id, auth: 'v1', depth: 1 })
    expect(heard.admin).toBeUndefined()
  })
})

describe('on the way from the server', () => {
  const changed: Record<string, unknown> = {
    ...others,
    from: '@0123456789abcdef',
    key: mallory.raw,
  }
  delete changed.ts
  changed.sig_ts = others.ts

  test.each(Object.keys(changed))('another %s shows', async (field) => {
    const { sender, message } = await aliceSays()
    await sender.ask(message)
    const heard = await sender.next('MSG')
    const judge = (frame: Frame) =>
      verifyMessage(frame as unknown as Heard<'MSG'>, { serverName: 'localhost' }).status
    expect(judge(heard)).toBe('signed')
    expect(judge({ ...heard, [field]: changed[field] })).toBe('forged')
  })
})
