// G6: An agent is brought to post a key or a password that it can read into a channel.

import { describe, expect, test } from 'vitest'
import { SecretError } from '../../src/client/errors.ts'
import { createIdentity } from '../../src/client/identity.ts'
import { secretIn } from '../../src/client/secrets.ts'
import { createToken } from '../../src/client/tokens.ts'
import { connect } from '../client/kit/agents.ts'
import { holder, say } from '../doors/http-kit.ts'
import { serve } from '../wire/kit.ts'

/** Put together here, so that no scanner takes this file for a leak. */
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const secrets: Readonly<Record<string, string>> = {
  'an access key of AWS': `AKIA${'ABCDEFGHIJKLMNOP'}`,
  'a token of GitHub': `ghp_${letters.slice(0, 36)}`,
  'a token of GitLab': `glpat-${letters.slice(0, 20)}`,
  'a key of a model provider': `sk-proj-${letters.slice(0, 40)}`,
  'a token of Slack': `xoxb-${letters.slice(0, 30)}`,
  'a key of Google': `AIza${letters.slice(0, 35)}`,
  'a key of Stripe': `sk_live_${letters.slice(0, 24)}`,
  'a token of npm': `npm_${letters.slice(0, 36)}`,
  'a token of Hugging Face': `hf_${letters.slice(0, 34)}`,
  'a JSON web token': `eyJ${letters.slice(0, 20)}.eyJ${letters.slice(0, 20)}.${letters.slice(0, 30)}`,
  'a password in an address': 'postgres://admin:hunter22@db.internal/main',
}

const harmless = [
  'the build is green',
  'see https://example.com/a:b@c and mail me at a@b.example',
  'BEGIN PUBLIC KEY, not a private one',
  'sk-learn is a library; ask-me-anything about skylines',
  'commit f0ff50dacf109dea1234567890abcdef12345678',
  'ws://localhost:6667 is the server',
]

describe('what looks like a secret', () => {
  for (const [kind, secret] of Object.entries(secrets)) {
    test(`is known, in the middle of a text too: ${kind}`, () => {
      expect(secretIn(secret)).toBe(kind)
      expect(secretIn(`take this: "${secret}", and go`)).toBe(kind)
    })
  }

  test('is known: our own keys and tokens', () => {
    expect(secretIn(JSON.stringify(createIdentity('alice')))).toBe('a private key')
    expect(secretIn(createIdentity('alice').privateKey)).toBe('a private key')
    expect(secretIn(`use ${createToken().token} for it`)).toBe('a token of AgentChat')
  })

  for (const text of harmless) {
    test(`is not: ${text}`, () => expect(secretIn(text)).toBeUndefined())
  }
})

test('is neither said nor signed, unless the owner of the connection wants it', async () => {
  const server = await serve()
  const identity = createIdentity('alice')
  const alice = await connect(server.url, { identity })
  await alice.join('#general', { replay: 0 })
  for (const secret of Object.values(secrets)) {
    await expect(alice.send('#general', `here: ${secret}`)).rejects.toThrow(SecretError)
  }
  const task = { task: `use ${secrets['a token of npm']}` }
  await expect(alice.proposals.propose('#general', task)).rejects.toThrow(SecretError)
  expect((await alice.history('#general')).messages).toEqual([])

  const frank = await connect(server.url, { identity, allowSecrets: true })
  await frank.send('#general', `here: ${secrets['a token of npm']}`)
  expect((await alice.history('#general')).messages).toHaveLength(1)
})

test('is not said over HTTP either, nor as the reason of declining', async () => {
  const server = await serve()
  const { chat, token } = await holder(server, 'alice')
  const secret = `here: ${secrets['a token of npm']}`
  const said = await say(server, token, { to: '#general', content: secret })
  expect([said.status, said.body.code]).toEqual([400, 'SECRET_SUSPECTED'])
  const declined = chat.request('DECLINE', { msg_id: 'm1', reason: secret })
  await expect(declined).rejects.toThrow(SecretError)
  expect((await chat.history('#general')).messages).toEqual([])
})
