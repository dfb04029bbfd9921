// O5: A server is started by mistake so that everybody can read, change or take over what is said.

import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { allowsLegacy, type OptionName, resolveOptions } from '../../src/server/config.ts'
import { StartError } from '../../src/server/start-error.ts'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { makeCertificate } from '../wire/certificate.ts'
import { type Given, serve } from '../wire/kit.ts'

async function directory(): Promise<string> {
  const path = await temporaryDirectory()
  onTestFinished(() => removeDirectory(path))
  return path
}

const publicHosts = ['0.0.0.0', '::', '192.0.2.1', '2001:db8::1', 'chat.example', '', '127.0.0.1.']

describe('a public address without TLS', () => {
  test.each(publicHosts)('%j is refused, and the way out is named', (host) => {
    expect(() => resolveOptions({ host })).toThrow(StartError)
    try {
      resolveOptions({ host })
    } catch (failure) {
      expect(failure).toMatchObject({ hint: expect.stringMatching(/--cert.*--insecure/) })
    }
  })

  test.each(publicHosts)('%j is taken with a certificate, a proxy or open eyes', (host) => {
    for (const more of [{ cert: 'c', key: 'k' }, { behindProxy: 'true' }, { insecure: 'true' }]) {
      expect(resolveOptions({ host, ...more }).host).toBe(host)
    }
  })

  test.each(publicHosts)('%j does not take the older login unless it is told to', (host) => {
    const options = resolveOptions({ host, insecure: 'true' })
    expect(allowsLegacy(options, '127.0.0.1')).toBe(false)
    expect(allowsLegacy({ ...options, legacy: 'allow' }, '192.0.2.1')).toBe(true)
    expect(allowsLegacy({ ...options, legacy: 'loopback' }, '192.0.2.1')).toBe(false)
    expect(allowsLegacy({ ...options, legacy: 'loopback' }, '127.0.0.1')).toBe(true)
  })
})

test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('%s needs no certificate', (host) => {
  expect(resolveOptions({ host }).host).toBe(host)
})

test('with nothing said it listens on loopback, and keeps what it acknowledges', () => {
  expect(resolveOptions({})).toMatchObject({ host: '127.0.0.1', durability: 'full' })
  expect(resolveOptions({})).not.toMatchObject({ insecure: true })
})

test.each<[OptionName, string]>([
  ['port', '65536'],
  ['port', '-1'],
  ['port', '80.5'],
  ['port', 'http'],
  ['port', ''],
  ['durability', 'maybe'],
  ['rate', '0'],
  ['rate', 'NaN'],
  ['rate', 'Infinity'],
  ['burst', '1.5'],
  ['burst', '0'],
  ['legacy', 'yes'],
  ['maxFrame', '10'],
  ['maxFrame', '1e12'],
  ['maxConnections', '0'],
  ['connectionsPerAddress', 'many'],
  ['newConnectionsPerMinute', '-5'],
  ['retainAge', '0'],
  ['retainCount', '0'],
  ['logLevel', 'loud'],
  ['behindProxy', 'proxy.example'],
  ['behindProxy', '10.0.0.1,10.0.0.0/8'],
  ['name', 'a b'],
  ['name', 'line\nfeed'],
  ['name', '-'],
])('--%s %j is refused before anything starts, with what would be right', (name, text) => {
  const given: Given = { [name]: text }
  expect(() => resolveOptions(given)).toThrow(/ is not /)
})

test.each([{ cert: 'c.pem' }, { key: 'k.pem' }])('%j alone is refused', (given) => {
  expect(() => resolveOptions(given)).toThrow(/go together/)
})

describe('does not start', () => {
  test('on a port that is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => {
      holder.close()
    })
    await new Promise((resolve) => holder.once('listening', resolve))
    const address = holder.address()
    const port = String(typeof address === 'object' && address?.port)
    await expect(serve({ port })).rejects.toMatchObject({
      message: expect.stringContaining(`Port ${port}`),
      hint: expect.stringContaining('--port'),
      origin: 'machine',
    })
  })

  test('on an address of another machine', async () => {
    await expect(serve({ host: '192.0.2.1', insecure: 'true' })).rejects.toThrow(StartError)
  })

  test('on a data path that is a file, or below one', async () => {
    const file = join(await directory(), 'file')
    writeFileSync(file, 'x')
    for (const data of [file, join(file, 'below')]) {
      await expect(serve({ durability: 'full', data })).rejects.toMatchObject({
        code: 'LOG_UNREADABLE',
        message: expect.stringContaining(data),
      })
    }
  })

  test('on a data directory that another server works on, and does once that has stopped', async () => {
    const data = await directory()
    const first = await serve({ durability: 'normal', data })
    await expect(serve({ durability: 'normal', data })).rejects.toMatchObject({
      code: 'LOG_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    await first.stop()
    expect((await serve({ durability: 'normal', data })).key).toBe(first.key)
  })

  test('with a key that others may read', async () => {
    const data = await directory()
    await (await serve({ durability: 'normal', data })).stop()
    chmodSync(join(data, 'server.key'), 0o640)
    await expect(serve({ durability: 'normal', data })).rejects.toMatchObject({
      message: expect.stringContaining('Others may read'),
      hint: expect.stringContaining('chmod 600'),
    })
  })

  test('with a key that is none, and does not make a new one in its place', async () => {
    const data = await directory()
    writeFileSync(join(data, 'server.key'), 'hello', { mode: 0o600 })
    for (let count = 0; count < 2; count++) {
      await expect(serve({ durability: 'normal', data })).rejects.toThrow(/holds no Ed25519/)
    }
  })

  test('with a certificate that cannot be used, and leaves the directory free', async () => {
    const data = await directory()
    const { cert } = await makeCertificate()
    const wrong = { durability: 'normal', data, cert, key: cert }
    await expect(serve(wrong)).rejects.toThrow(/cannot be used/)
    await serve({ durability: 'normal', data })
  })
})
