// Identities and known servers on disk: what is refused, and what two processes may do at once.

import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  AgentChat,
  createIdentity,
  fileKnownServers,
  loadIdentity,
  saveIdentity,
} from '../../src/index.ts'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { hospitable, hostileServer, serverKeys } from './kit/hostile.ts'

let home: string
let path: string
const alice = createIdentity('alice')
const bob = createIdentity('bob')

beforeEach(async () => {
  home = await temporaryDirectory()
  path = join(home, 'deep', 'below', 'alice.json')
  return () => removeDirectory(home)
})

/** Puts a file there that only its owner may read. */
async function put(text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  await chmod(path, mode)
}

const file = (identity = alice) => ({
  name: identity.name,
  pubkey: identity.publicKey,
  privkey: identity.privateKey,
})

describe('an identity is not taken from', () => {
  test('nowhere', async () => {
    await expect(loadIdentity(path)).rejects.toMatchObject({
      name: 'IdentityError',
      reason: 'bad-file',
      message: expect.stringContaining(path),
    })
  })

  test.each([0o640, 0o604, 0o660, 0o644])(
    'a file that others may read or write (%o)',
    async (mode) => {
      await put(JSON.stringify(file()), mode)
      await expect(loadIdentity(path)).rejects.toMatchObject({
        reason: 'bad-file',
        message: expect.stringContaining(`chmod 600 '${path}'`),
      })
    },
  )

  test.each([
    ['no JSON', 'alice'],
    ['nothing', 'null'],
    ['no keys', JSON.stringify({ name: 'alice' })],
    ['a key of another kind', JSON.stringify({ ...file(), privkey: 7 })],
  ])('a file with %s', async (_what, text) => {
    await put(text)
    await expect(loadIdentity(path)).rejects.toMatchObject({ reason: 'bad-file' })
  })

  test.each([
    ['the private key of another', { privkey: bob.privateKey }],
    ['the private key where the public one goes', { pubkey: alice.privateKey }],
    ['the public key where the private one goes', { privkey: alice.publicKey }],
    ['a cut key', { privkey: alice.privateKey.replace('MC4C', 'MC4') }],
  ])('a file with %s', async (_what, changed) => {
    await put(JSON.stringify({ ...file(), ...changed }))
    const failure = await loadIdentity(path).catch((error) => error)
    expect(failure).toMatchObject({ name: 'IdentityError', reason: 'bad-key' })
    expect(failure.message).not.toContain('MC4')
  })
})

test('an identity that is no identity is neither saved nor sent', async () => {
  const wrong = { ...alice, publicKey: alice.privateKey }
  await expect(saveIdentity(path, wrong)).rejects.toMatchObject({ reason: 'bad-key' })
  await expect(readdir(home)).resolves.toEqual([])
  const server = await hostileServer(hospitable())
  const options = { server: server.url, identity: wrong }
  await expect(AgentChat.connect(options)).rejects.toMatchObject({ reason: 'bad-key' })
  expect(server.heard).toEqual([])
})

test('what is saved can be loaded, by its owner only, and has the fields of older clients', async () => {
  await saveIdentity(path, alice)
  expect(await loadIdentity(path)).toEqual(alice)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const saved = JSON.parse(await readFile(path, 'utf8'))
  expect(saved).toEqual({ ...file(), created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) })
  expect(await readdir(dirname(path))).toEqual(['alice.json'])
})

test('an identity is never replaced but by force', async () => {
  await saveIdentity(path, alice)
  await expect(saveIdentity(path, bob)).rejects.toMatchObject({ reason: 'exists' })
  expect(await loadIdentity(path)).toEqual(alice)
  await saveIdentity(path, bob, { force: true })
  expect(await loadIdentity(path)).toEqual(bob)
  expect(await readdir(dirname(path))).toEqual(['alice.json'])
})

test('of many that save at once, one wins, and its file is whole', async () => {
  const identities = Array.from({ length: 20 }, (_, index) => createIdentity(`alice-${index}`))
  const outcomes = await Promise.allSettled(identities.map((one) => saveIdentity(path, one)))
  const winners = identities.filter((_, index) => outcomes[index]?.status === 'fulfilled')
  expect(winners).toEqual([await loadIdentity(path)])
  expect(await readdir(dirname(path))).toEqual(['alice.json'])
})

test('the keys of openssl are taken, and it takes ours', async () => {
  const run = promisify(execFile)
  const pem = join(home, 'key.pem')
  await writeFile(pem, alice.privateKey)
  const { stdout: publicKey } = await run('openssl', ['pkey', '-in', pem, '-pubout'])
  expect(publicKey).toBe(alice.publicKey)
  const { stdout: privateKey } = await run('openssl', ['genpkey', '-algorithm', 'ed25519'])
  await writeFile(pem, privateKey)
  const made = await run('openssl', ['pkey', '-in', pem, '-pubout'])
  await saveIdentity(path, { name: 'made', privateKey, publicKey: made.stdout })
})

const url = 'wss://chat.example'

test('a damaged file of known servers is no file without servers', async () => {
  await put(`${JSON.stringify({ url, key: 'A' })}\n{"url":"wss://oth`)
  await expect(fileKnownServers(path).get(url)).rejects.toMatchObject({
    name: 'IdentityError',
    message: expect.stringContaining(`Line 2 of ${path}`),
  })
})

test('a known server is known to the next process, and the newest key counts', async () => {
  const known = fileKnownServers(path)
  expect(await known.get(url)).toBeUndefined()
  await known.set(url, 'one')
  await known.set('wss://other.example', 'two')
  expect(await fileKnownServers(path).get(url)).toBe('one')
  await known.set(url, 'three')
  expect(await fileKnownServers(path).get(url)).toBe('three')
  expect(await known.get('wss://other.example')).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a server is written down when it is met, and not again', async () => {
  const server = await hostileServer(hospitable())
  const knownServers = fileKnownServers(path)
  for (const identity of [alice, bob, alice]) {
    await (await AgentChat.connect({ server: `${server.url}/`, identity, knownServers })).close()
  }
  const [line, ...more] = (await readFile(path, 'utf8')).trim().split('\n')
  expect(JSON.parse(line ?? '')).toEqual({
    url: server.url,
    key: serverKeys.text,
    added: expect.any(String),
  })
  expect(more).toEqual([])
})

test('processes that share a home lose nothing of each other', async () => {
  const script = `
    import { fileKnownServers } from 'agentchat'
    const [path, who] = process.argv.slice(1)
    for (let n = 0; n < 50; n++) await fileKnownServers(path).set('ws://' + who + n, who + n)
  `
  const run = promisify(execFile)
  const args = (who: string) => ['--input-type=module', '-e', script, path, who]
  await Promise.all(['a', 'b', 'c'].map((who) => run(process.execPath, args(who))))
  const known = fileKnownServers(path)
  for (const who of ['a', 'b', 'c']) {
    for (let n = 0; n < 50; n++) expect(await known.get(`ws://${who}${n}`)).toBe(`${who}${n}`)
  }
})
