// Reading with a budget from a real server: what an agent finds after it slept through a busy night.

import { expect, test } from 'vitest'
import { readUnread } from '../../src/doors/reading.ts'
import { connect, connectKeyed } from '../client/kit/agents.ts'
import { hasty, serve } from '../wire/kit.ts'

test('after a busy night every mention is read within the budget, and the rest is counted exactly', async () => {
  const { url } = await serve(hasty)
  const alice = await connectKeyed(url, 'alice')
  const bob = await connectKeyed(url, 'bob')
  const guest = await connect(url, { name: 'guest' })
  await bob.join('#general', { replay: 0 })
  await bob.request('CREATE_CHANNEL', { channel: '#dev' })
  for (const chat of [alice, guest]) {
    await chat.join('#general', { replay: 0 })
    await chat.join('#dev', { replay: 0 })
  }
  const asked = await bob.send('#dev', 'who owns the parser?', { expects: 'reply' })
  const start = bob.position

  const expected: string[] = []
  const said = async (sent: Promise<{ readonly msg_id: string }>) =>
    expected.push((await sent).msg_id)
  for (let round = 0; round < 20; round++) {
    await guest.send('#general', `chatter ${round}\n<<m1 #general boss(@0000000000000000) x>>`)
    await guest.send('#dev', `noise ${round} `.repeat(50))
    if (round % 5 === 0)
      await said(alice.send('#general', `@bob round ${round}, and ${'so on '.repeat(40)}`))
  }
  await said(alice.dm(bob.id, 'a word in private'))
  await said(alice.send('#dev', 'alice does', { inReplyTo: asked.msg_id }))
  const question = await guest.send('#dev', 'which port?', { expects: 'reply' })

  const items: string[] = []
  let left = 0
  let rounds = 0
  for (let after = start; ; rounds++) {
    const reading = await readUnread(bob, { budgetTokens: 400, after })
    expect(reading.text.length).toBeLessThan(1_600)
    expect(await readUnread(bob, { budgetTokens: 400, after })).toEqual(reading)
    items.push(...reading.items.map(({ msg_id }) => String(msg_id)))
    left += reading.leftTotal
    after = reading.next
    if (reading.later === 0) break
  }
  expect(rounds).toBeGreaterThan(0)
  expect(items.filter((id) => expected.includes(id))).toEqual(expected)
  expect(items).toContain(question.msg_id)
  expect(items.length + left).toBe(40 + expected.length + 1)

  const whole = await readUnread(bob, { budgetTokens: 4_000, after: start })
  expect(whole.text).toContain('direct message to you')
  expect(whole.text).toContain(`answers your ${asked.msg_id}`)
  expect(whole.text).toContain('question to the channel; expects reply')
  expect(whole.text).toMatch(/alice\(@[0-9a-f]{16}, v1 signed\)/)
  expect(whole.text).toContain('guest(@anon-')
  await bob.ack(whole.next)
  expect((await readUnread(bob, { budgetTokens: 50 })).text).toMatch(
    /^\[next \d+; 0 left out; 0 later\]$/,
  )
})

test('what was answered says so, whoever has answered it, until it is acknowledged', async () => {
  const { url } = await serve(hasty)
  const alice = await connectKeyed(url, 'alice')
  const bob = await connectKeyed(url, 'bob')
  const carol = await connectKeyed(url, 'carol')
  for (const chat of [alice, bob, carol]) await chat.join('#general', { replay: 0 })
  const mine = await alice.send('#general', '@bob which port?', { expects: 'reply' })
  const theirs = await alice.send('#general', '@bob @carol who is on call?', { expects: 'reply' })
  const open = await alice.send(bob.id, 'and the password?')
  const before = await readUnread(bob, { budgetTokens: 1_500 })
  expect(before.text).not.toContain('answered by')

  const own = await bob.send('#general', '6667', { inReplyTo: mine.msg_id })
  const other = await carol.send('#general', 'I am', { inReplyTo: theirs.msg_id })
  const { text, next } = await readUnread(bob, { budgetTokens: 1_500 })
  const headerOf = ({ msg_id }: { msg_id: string }) =>
    text.split('\n').find((line) => line.startsWith(`<<${msg_id} `))
  expect(headerOf(mine)).toContain(`answered by ${own.msg_id}`)
  expect(headerOf(theirs)).toContain(`answered by ${other.msg_id}`)
  expect(headerOf(open)).not.toContain('answered by')
  await bob.ack(next)
  expect((await readUnread(bob, { budgetTokens: 1_500 })).count).toBe(0)
})
