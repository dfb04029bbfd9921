// M2: A signed message is carried to another channel, another agent or another server.

import { expect, test } from 'vitest'
import { keyed, makeKeys, serve, signedMessage, signedMessageV0 } from '../wire/kit.ts'

const alice = makeKeys()
const bob = makeKeys()

async function aliceInTwoChannels() {
  const server = await serve()
  const sender = await keyed(server, 'alice', alice)
  for (const channel of ['#general', '#agents']) await sender.ask({ type: 'JOIN', channel })
  return { server, sender }
}

test.each(['#agents', '@bob'])(
  'what was signed for #general is refused in %s',
  async (elsewhere) => {
    const { server, sender } = await aliceInTwoChannels()
    const peer = await keyed(server, 'bob', bob)
    const to = elsewhere === '@bob' ? peer.id : elsewhere
    const message = { ...signedMessage(alice, { to: '#general', content: 'yes' }), to }
    expect(await sender.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
    expect(await peer.settled('MSG')).toEqual([])
  },
)

test('what was signed for another server is refused here', async () => {
  const { sender } = await aliceInTwoChannels()
  const message = signedMessage(alice, { to: '#general', content: 'yes', server: 'other.example' })
  expect(await sender.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
})

test('the signature of the older form is none of the newer, which would not name the server', async () => {
  const { sender } = await aliceInTwoChannels()
  const message = signedMessageV0(alice, '#general', 'yes')
  expect(await sender.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
})

test('a target that is signed by another spelling is refused: recipients could not check it', async () => {
  const { server, sender } = await aliceInTwoChannels()
  await keyed(server, 'bob', bob)
  for (const to of ['#General', '@bob']) {
    const message = signedMessage(alice, { to, content: 'yes' })
    expect(await sender.ask(message)).toMatchObject({ code: 'VERIFICATION_FAILED' })
  }
})

test('where it was signed for, it is heard', async () => {
  const { sender } = await aliceInTwoChannels()
  const message = signedMessage(alice, { to: '#general', content: 'yes' })
  expect(await sender.ask(message)).toMatchObject({ type: 'SENT' })
})
