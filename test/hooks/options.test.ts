// The file of --hooks: what is read from it, and what is wrong with it, by hook and by field.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { publicKeyFromBase64Url } from '../../src/protocol/keys.ts'
import { escrowOf, readHooks } from '../../src/server/hooks/options.ts'
import { StartError } from '../../src/server/start-error.ts'
import { key } from './kit.ts'

const directory = mkdtempSync(join(tmpdir(), 'agentchat-hooks-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const module = join(directory, 'ledger.mjs')
writeFileSync(module, 'export const hook = () => {}', { mode: 0o644 })
writeFileSync(join(directory, 'open.mjs'), 'export const hook = () => {}')
chmodSync(join(directory, 'open.mjs'), 0o666)

let count = 0
function file(content: unknown): string {
  count += 1
  const path = join(directory, `hooks-${count}.json`)
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

const url = 'https://books.example/hook'
const good = { name: 'a', on: ['accepted'], url }
const hold = { key: key.publicKey, timeout_seconds: 60 }

test('hooks are read, and the escrow that one of them asks for', () => {
  const hooks = readHooks(
    file({
      hooks: [
        good,
        { name: 'books-2', on: ['accepted', 'expired'], module: './ledger.mjs', hold },
        { ...good, name: 'c', url: 'http://[::1]:80/x' },
        { ...good, name: 'd', url: 'http://127.0.0.2:9/' },
        { ...good, name: 'e', url: 'http://localhost:9/' },
      ],
    }),
  )
  const agent = publicKeyFromBase64Url(key.publicKey)?.id
  expect(hooks[0]).toEqual({
    name: 'a',
    on: new Set(['accepted']),
    target: { url },
    hold: undefined,
  })
  expect(hooks[1]).toMatchObject({ target: { module }, hold: { agent, timeoutMs: 60_000 } })
  expect(escrowOf(hooks)).toEqual({ agent, timeoutMs: 60_000 })
  expect(escrowOf(hooks.slice(0, 1))).toBeUndefined()
  const [day] = readHooks(file({ hooks: [{ ...good, hold: { key: key.publicKey } }] }))
  expect(day?.hold?.timeoutMs).toBe(86_400_000)
  expect(readHooks(file({ hooks: [] }))).toEqual([])
})

describe('what is wrong is told', () => {
  test.each<[unknown, RegExp]>([
    ['{', /JSON/],
    [[], /an object/],
    [{}, /"hooks" must be a list/],
    [{ hooks: [], more: 1 }, /"more" must be left out/],
    [{ hooks: [7] }, /hook number 1 must be an object/],
    [{ hooks: [{ ...good, name: undefined }] }, /"name" of hook number 1/],
    [{ hooks: [{ ...good, name: 'A' }] }, /"name" of hook "A"/],
    [{ hooks: [{ ...good, name: 'a.b' }] }, /"name"/],
    [{ hooks: [{ ...good, name: '' }] }, /"name"/],
    [{ hooks: [{ ...good, name: 'a'.repeat(33) }] }, /"name"/],
    [{ hooks: [good, good] }, /two hooks have the "name" "a"/],
    [{ hooks: [{ ...good, on: [] }] }, /"on" of hook "a" must be a list of at least one/],
    [{ hooks: [{ ...good, on: ['funded'] }] }, /"on" of hook "a"/],
    [{ hooks: [{ ...good, on: 'accepted' }] }, /"on" of hook "a"/],
    [{ hooks: [{ ...good, retries: 3 }] }, /"retries" of hook "a" must be left out/],
    [{ hooks: [{ ...good, url: undefined }] }, /"url" of hook "a"/],
    [{ hooks: [{ ...good, module: './ledger.mjs' }] }, /"url" of hook "a"/],
    [{ hooks: [{ ...good, url: 7 }] }, /"url" of hook "a" must be an https/],
    [{ hooks: [{ ...good, url: 'books' }] }, /"url"/],
    [{ hooks: [{ ...good, url: 'http://books.example/' }] }, /an https URL, or an http one/],
    [{ hooks: [{ ...good, url: 'http://10.0.0.1/' }] }, /"url"/],
    [{ hooks: [{ ...good, url: 'http://127.0.0.1.books.example/' }] }, /"url"/],
    [{ hooks: [{ ...good, url: 'file:///etc/passwd' }] }, /"url"/],
    [{ hooks: [{ ...good, url: 'https://a:b@books.example/' }] }, /without credentials/],
    [{ hooks: [{ ...good, url: undefined, module: 7 }] }, /"module" of hook "a"/],
    [{ hooks: [{ ...good, url: undefined, module: './none.mjs' }] }, /none\.mjs cannot be read/],
    [{ hooks: [{ ...good, url: undefined, module: './open.mjs' }] }, /Others may write .*open/],
    [{ hooks: [{ ...good, hold: true }] }, /"hold" of hook "a"/],
    [
      { hooks: [{ ...good, on: ['created'], hold }] },
      /"on" of hook "a" must be a list with accepted/,
    ],
    [{ hooks: [{ ...good, hold: {} }] }, /"hold.key" of hook "a"/],
    [{ hooks: [{ ...good, hold: { key: 'A'.repeat(43) } }] }, /"hold.key"/],
    [{ hooks: [{ ...good, hold: { ...hold, fee: 1 } }] }, /"hold.fee" of hook "a" must be left/],
    [{ hooks: [{ ...good, hold: { ...hold, timeout_seconds: 0 } }] }, /"hold.timeout_seconds"/],
    [{ hooks: [{ ...good, hold: { ...hold, timeout_seconds: 1.5 } }] }, /"hold.timeout_seconds"/],
    [{ hooks: [{ ...good, hold: { ...hold, timeout_seconds: '60' } }] }, /"hold.timeout_seconds"/],
    [{ hooks: [{ ...good, hold: { ...hold, timeout_seconds: 2_592_001 } }] }, /2592000/],
    [
      {
        hooks: [
          { ...good, hold },
          { ...good, name: 'b', hold },
        ],
      },
      /only one hook may "hold", not "a" and "b"/,
    ],
  ])('%j', (content, message) => {
    const read = () => readHooks(file(content))
    expect(read).toThrow(StartError)
    expect(read).toThrow(message)
  })

  test('a file that is not there, or that others may write', () => {
    expect(() => readHooks(join(directory, 'none.json'))).toThrow(/cannot be read/)
    for (const mode of [0o620, 0o602]) {
      const path = file({ hooks: [] })
      chmodSync(path, mode)
      expect(() => readHooks(path)).toThrow(/Others may write/)
    }
  })
})
