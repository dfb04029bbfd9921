// A conversation with the library from its first word to its end.

import { expect, test } from 'vitest'
import { verifyMessage } from '../../src/index.ts'
import { hasty, serve } from '../wire/kit.ts'
import { connect, connectKeyed, texts } from './kit/agents.ts'

test('smoke', async () => {
  const server = await serve(hasty)
  const alice = await connectKeyed(server.url, 'alice')
  const bob = await connect(server.url, { name: 'bob' })
  await alice.join('#general')
  await bob.join('#General')
  const heard = bob.messages()
  const sent = await alice.send('#GENERAL', 'hello', { expects: 'reply' })
  expect(sent.type).toBe('SENT')
  const { value } = await heard.next()
  expect(value?.content).toBe('hello')
  if (!value) return
  expect(verifyMessage(value, { serverName: bob.serverName })).toMatchObject({ status: 'signed' })
  const back = alice.messages()
  await bob.dm('alice', 'hi')
  expect(await texts(back, 1)).toEqual(['hi'])
  await alice.dm('@bob', 'hi yourself')
  expect(await texts(heard, 1)).toEqual(['hi yourself'])
})
