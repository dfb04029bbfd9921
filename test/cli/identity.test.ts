// Identities: files for their owner only, and which of them speaks.

import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Home } from './kit.ts'

let home: Home

beforeEach(() => {
  home = new Home()
})
afterEach(() => home.close())

const file = (name: string) => join(home.state, 'identities', `${name}.json`)
const mode = (path: string) => statSync(path).mode & 0o777

describe('identity', () => {
  it('replaces no key unless it is told to', async () => {
    const first = await home.run(['identity', 'new', 'bot'])
    const again = await home.run(['identity', 'new', 'bot'])
    expect(again).toMatchObject({ code: 5, last: { code: 'EXISTS' } })
    expect((await home.run(['identity', 'show', 'bot'])).last.id).toBe(first.last.id)
    const forced = await home.run(['identity', 'new', 'bot', '--force'])
    expect(forced.last.id).not.toBe(first.last.id)
  })

  it('uses no file that others may read', async () => {
    await home.run(['identity', 'new', 'bot'])
    chmodSync(file('bot'), 0o644)
    const { code, last } = await home.run(['unread', '-i', 'bot'])
    expect(code).toBe(5)
    expect(last).toMatchObject({ code: 'BAD_FILE', message: expect.stringMatching(/chmod 600/) })
  })

  it('is missing until there is one', async () => {
    expect((await home.run(['identity'])).last).toMatchObject({ code: 'IDENTITY_NEEDED', exit: 5 })
    expect((await home.run(['identity', 'use', 'bot'])).last.code).toBe('IDENTITY_MISSING')
    expect((await home.run(['identity', 'list'])).lines).toMatchObject([{ type: 'END', count: 0 }])
    expect((await home.run(['identity', 'new', '../bot'])).code).toBe(2)
    expect((await home.run(['identity', 'export', 'bot'])).last.hint).toMatch(/--out/)
  })

  it('is a file for its owner only, and shows no private key', async () => {
    const made = await home.run(['identity', 'new', 'bot'])
    expect(mode(file('bot'))).toBe(0o600)
    expect(mode(join(home.state, 'identities'))).toBe(0o700)
    expect(made.last).toMatchObject({ type: 'IDENTITY', name: 'bot', in_use: true })
    for (const args of [['show'], ['list'], ['use', 'bot'], ['export', '--out', 'out.json']]) {
      const { stdout, stderr } = await home.run(['identity', ...args], {})
      expect(stdout + stderr).not.toMatch(/PRIVATE/)
    }
  })

  it('is in use from the first one on, until another is chosen', async () => {
    for (const name of ['one', 'two']) await home.run(['identity', 'new', name])
    expect((await home.run(['identity'])).last.name).toBe('one')
    await home.run(['identity', 'use', 'two'])
    expect((await home.run(['identity'])).last.name).toBe('two')
    const { lines } = await home.run(['identity', 'list'])
    expect(lines.map(({ name, in_use }) => [name, in_use])).toEqual([
      ['one', false],
      ['two', true],
      [undefined, undefined],
    ])
    const named = await home.run(['identity'], { env: { AGENTCHAT_IDENTITY: 'one' } })
    expect(named.last.name).toBe('one')
    const flagged = await home.run(['identity', '-i', 'two'], {
      env: { AGENTCHAT_IDENTITY: 'one' },
    })
    expect(flagged.last.name).toBe('two')
  })

  it('is copied to a file and back, under another name if need be', async () => {
    const { last } = await home.run(['identity', 'new', 'bot'])
    const copy = join(home.path, 'copy.json')
    await home.run(['identity', 'export', 'bot', '--out', copy])
    expect(mode(copy)).toBe(0o600)
    expect((await home.run(['identity', 'export', 'bot', '--out', copy])).last.code).toBe('EXISTS')
    expect((await home.run(['identity', 'import', copy])).last.code).toBe('EXISTS')
    const taken = await home.run(['identity', 'import', copy, '--as', 'twin'])
    expect(taken.last).toMatchObject({ id: last.id, file: file('twin'), in_use: false })
    expect((await home.run(['identity', 'show', copy])).last.id).toBe(last.id)
  })

  it('passes over a damaged file in a list, and says so', async () => {
    for (const name of ['bad', 'good']) await home.run(['identity', 'new', name])
    chmodSync(file('bad'), 0o644)
    const { lines, stderr, code } = await home.run(['identity', 'list'])
    expect(lines.map(({ name }) => name)).toEqual(['good', undefined])
    expect(stderr).toMatch(/bad\.json/)
    expect(code).toBe(0)
  })

  it('keeps its choice whole when two processes choose at once', async () => {
    const names = ['one', 'two', 'three']
    for (const name of names) await home.run(['identity', 'new', name])
    await Promise.all(names.map((name) => home.run(['identity', 'use', name])))
    expect(names).toContain(readFileSync(join(home.state, 'identity'), 'utf8').trim())
    expect(existsSync(join(home.state, 'identities'))).toBe(true)
  })
})
