// Tokens with the real binary: made once, used instead of a key, taken back; and never shown where they should not.

import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Home, type Result, type Served, startServer } from './kit.ts'

const home = new Home()
let server: Served
const form = /^act_[A-Za-z0-9_-]{43}$/

beforeAll(async () => {
  server = await startServer(home)
  for (const name of ['alice', 'bob']) {
    await run(['identity', 'new', name])
    await run(['join', '#general', '-i', name])
  }
})
afterAll(() => home.close())

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Result> {
  return home.run(args, { env: { AGENTCHAT_SERVER: server.url, ...env } })
}

/** A token of alice in a file. */
async function tokenFile(name: string, ...flags: string[]) {
  const { last } = await run(['token', 'create', '--out', name, ...flags, '-i', 'alice'])
  return { id: String(last.id), file: join(home.path, name) }
}

describe('a token is not made', () => {
  it('without the key, not even by another token', async () => {
    expect(await run(['token', 'create', '-n', 'guest'])).toMatchObject({
      code: 5,
      last: { code: 'IDENTITY_NEEDED' },
    })
    const { file } = await tokenFile('first.token')
    for (const words of [['create'], ['list'], ['revoke', 't1']]) {
      const refused = await run(['token', ...words, '--token-file', file])
      expect(refused).toMatchObject({ code: 5, last: { code: 'IDENTITY_NEEDED' } })
      expect(refused.last.message).toMatch(/no token permits it/)
    }
  })

  it('with words that mean nothing', async () => {
    for (const flags of [
      ['--scope', 'admin'],
      ['--expires', 'soon'],
      ['--label', 'x'.repeat(65)],
    ]) {
      expect(await run(['token', 'create', ...flags, '-i', 'alice'])).toMatchObject({ code: 2 })
    }
    expect(await run(['token', 'revoke', 'mine', '-i', 'alice'])).toMatchObject({ code: 2 })
  })

  it('over a file that is there, and leaves no token behind', async () => {
    const file = join(home.path, 'taken')
    writeFileSync(file, 'mine')
    const before = (await run(['token', 'list', '-i', 'alice'])).lines.length
    const refused = await run(['token', 'create', '--out', 'taken', '-i', 'alice'])
    expect(refused).toMatchObject({ code: 5, last: { code: 'EXISTS' } })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect((await run(['token', 'list', '-i', 'alice'])).lines).toHaveLength(before)
  })
})

describe('a token is not used', () => {
  it('from a file that others may read, that is missing, or that holds something else', async () => {
    const { file } = await tokenFile('open.token')
    chmodSync(file, 0o644)
    const exposed = await run(['me', '--token-file', file])
    expect(exposed).toMatchObject({ code: 5, last: { code: 'BAD_FILE' } })
    expect(exposed.last.message).toContain('chmod 600')
    writeFileSync(join(home.path, 'else'), 'hello', { mode: 0o600 })
    for (const path of ['missing', 'else']) {
      expect((await run(['me'], { AGENTCHAT_TOKEN_FILE: path })).last).toMatchObject({
        code: 'BAD_FILE',
        exit: 5,
      })
    }
  })

  it('beside an identity or a name, or over a wire that others can read', async () => {
    const { file } = await tokenFile('beside.token')
    for (const who of [
      ['-i', 'alice'],
      ['-n', 'eve'],
    ]) {
      expect(await run(['me', '--token-file', file, ...who])).toMatchObject({ code: 2 })
    }
    const far = await run(['me', '--token-file', file, '-s', 'ws://chat.example'])
    expect(far).toMatchObject({ code: 5, last: { code: 'BAD_TOKEN' } })
    expect(far.stdout + far.stderr).not.toContain(readFileSync(file, 'utf8').trim())
  })

  it('for what needs the key', async () => {
    const { file } = await tokenFile('signing.token')
    const env = { AGENTCHAT_TOKEN_FILE: file }
    for (const words of [
      ['me', 'nick', 'eve'],
      ['proposals', 'new', '@bob', 'pay'],
    ]) {
      expect((await run(words, env)).last).toMatchObject({ code: 'IDENTITY_NEEDED', exit: 5 })
    }
    const created = await run(['call', 'LIST_TOKENS', '{}'], env)
    expect(created.last).toMatchObject({ code: 'SCOPE_MISSING', exit: 5 })
  })
})

it('is shown once, or written for its owner only; the list shows neither', async () => {
  const shown = await run(['token', 'create', '--scope', 'read', '--label', 'dash', '-i', 'alice'])
  expect(shown.last).toMatchObject({ type: 'TOKEN', scopes: ['read'], label: 'dash' })
  expect(shown.last.token).toMatch(form)
  const kept = await run([
    'token',
    'create',
    '--out',
    'kept.token',
    '--expires',
    '7d',
    '-i',
    'alice',
  ])
  const secret = readFileSync(join(home.path, 'kept.token'), 'utf8').trim()
  expect(secret).toMatch(form)
  expect(kept.stdout + kept.stderr).not.toContain(secret)
  expect(statSync(join(home.path, 'kept.token')).mode & 0o777).toBe(0o600)
  const { created_at, expires_at } = kept.last
  expect(Number(expires_at) - Number(created_at)).toBeLessThanOrEqual(7 * 86_400_000)

  const listed = await run(['token', '-i', 'alice'])
  const ids = listed.lines.map(({ id }) => id)
  expect(ids).toEqual(expect.arrayContaining([shown.last.id, kept.last.id]))
  expect(listed.stdout).not.toContain('act_')
  const text = await run(['token', 'create', '--text', '-i', 'bob'])
  expect(text.stdout.split('\n')[0]).toMatch(form)
})

it('acts for its agent until it is revoked', async () => {
  const { id, file } = await tokenFile('bot.token')
  const env = { AGENTCHAT_TOKEN_FILE: file }
  const alice = (await run(['me', '-i', 'alice'])).last
  expect((await run(['me'], env)).last).toMatchObject({ id: alice.id, auth: 'token' })

  // The token wins over an identity in use, for it permits less; what is typed wins over both.
  await run(['identity', 'use', 'bob'])
  expect((await run(['me'], env)).last).toMatchObject({ id: alice.id })
  expect((await run(['me', '-i', 'bob'], env)).last).toMatchObject({ name: 'bob' })
  const token = readFileSync(file, 'utf8').trim()
  expect((await run(['me'], { AGENTCHAT_TOKEN: token })).last).toMatchObject({ id: alice.id })

  expect((await run(['send', '@bob', 'from the bot'], env)).last).toMatchObject({ type: 'SENT' })
  const heard = await run(['unread', '-i', 'bob'])
  expect(heard.lines).toContainEqual(
    expect.objectContaining({ content: 'from the bot', from: alice.id, auth: 'token' }),
  )
  await run(['send', '@alice', 'answer', '-i', 'bob'])
  const unread = await run(['unread'], env)
  expect(unread.lines).toContainEqual(expect.objectContaining({ content: 'answer' }))
  expect((await run(['unread', '--ack'], env)).code).toBe(0)
  expect((await run(['unread', '-i', 'alice'])).last).toMatchObject({ count: 0 })

  const listening = home.start(['listen', '--follow'], {
    env: { AGENTCHAT_SERVER: server.url, ...env },
  })
  await run(['agents', 'wait', '@alice', '--timeout', '10s', '-i', 'bob'])
  expect((await run(['token', 'revoke', id, '-i', 'alice'])).last.type).toBe('DONE')
  expect((await listening.ended).code).not.toBe(0)
  expect(await run(['send', '@bob', 'once more'], env)).toMatchObject({
    code: 5,
    last: { code: 'VERIFICATION_FAILED' },
  })
  expect((await run(['token', 'revoke', id, '-i', 'alice'])).last).toMatchObject({
    code: 'TOKEN_NOT_FOUND',
    exit: 1,
  })
})

it('that may only read says so when it is asked to send', async () => {
  const { file } = await tokenFile('reader.token', '--scope', 'read')
  const env = { AGENTCHAT_TOKEN_FILE: file }
  expect((await run(['history', '#general'], env)).code).toBe(0)
  const refused = await run(['send', '#general', 'hi'], env)
  expect(refused).toMatchObject({ code: 5, last: { code: 'SCOPE_MISSING' } })
})

it('is told of in the help of the environment', async () => {
  const { stdout } = await home.run(['help', 'environment'])
  expect(stdout).toMatch(/AGENTCHAT_TOKEN_FILE .*\n/)
  expect(stdout).toMatch(/AGENTCHAT_TOKEN .*a file is safer/)
})
