// TLS by --cert and --key: agents connect over wss, and what is no TLS gets nowhere.

import { writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { StartError } from '../../src/server/start-error.ts'
import { makeCertificate } from './certificate.ts'
import { connect, hasty, makeKeys, proofV1, serve } from './kit.ts'
import { Raw, upgradeRequest } from './raw.ts'

describe('refused before anything starts', () => {
  test('a file that is not there, and one that holds no certificate', async () => {
    const { directory, cert, key } = await makeCertificate()
    const other = join(directory, 'other.pem')
    await expect(serve({ cert: other, key })).rejects.toThrow(StartError)
    writeFileSync(other, 'hello')
    await expect(serve({ cert: other, key })).rejects.toThrow(StartError)
    await expect(serve({ cert, key: other })).rejects.toThrow(StartError)
  })

  test('a certificate and a key that do not belong together', async () => {
    const [one, other] = [await makeCertificate(), await makeCertificate()]
    await expect(serve({ cert: one.cert, key: other.key })).rejects.toThrow(/cannot be used/)
  })
})

test('what is no TLS is not answered, and TLS that is not believed is the end of it', async () => {
  const { cert, key } = await makeCertificate()
  const server = await serve({ cert, key })
  const plain = new Raw(server.port)
  plain.write(upgradeRequest())
  expect(await plain.status()).toBe(0)
  await expect(connect(server)).rejects.toThrow(/self.signed/i)
})

test('an agent logs in and talks over wss, and /health is there too', async () => {
  const { cert, key, pem } = await makeCertificate()
  const server = await serve({ ...hasty, cert, key, host: '127.0.0.1' })
  expect(server.url).toMatch(/^wss:/)
  const keys = makeKeys()
  const peer = await connect(server, { ca: pem })
  const nonce = 'ab'.repeat(32)
  const asked = { type: 'IDENTIFY', name: 'alice', pubkey: keys.pem, v: 1, nonce }
  peer.welcome = await peer.ask(proofV1(keys, await peer.ask(asked), nonce))
  const guest = await connect(server, { ca: pem })
  await guest.ask({ type: 'IDENTIFY', name: 'bob' })
  for (let at = 0; at < 50; at++) {
    guest.send({ type: 'MSG', to: peer.id, content: `${at} ${'x'.repeat(20_000)}` })
  }
  await guest.settled()
  const heard = (await peer.settled('MSG')).map(({ content }) =>
    Number.parseInt(String(content), 10),
  )
  expect(heard).toEqual(Array.from({ length: 50 }, (_, at) => at))

  const status = await new Promise((resolve, reject) => {
    const url = `https://127.0.0.1:${server.port}/health`
    get(url, { ca: pem }, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
  })
  expect(status).toBe(200)
})
