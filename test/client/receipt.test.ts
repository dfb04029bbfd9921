// Receipts: what a file of one deal is worth to somebody who was not there, and has no server to ask.

import { describe, expect, test } from 'vitest'
import { type ReceiptVerdict, verifyReceipt } from '../../src/index.ts'
import { canonicalJson } from '../../src/protocol/document.ts'
import { hasty, keyed, keyedV0, makeKeys, serve } from '../wire/kit.ts'
import { connect, connectKeyed } from './kit/agents.ts'
import {
  after,
  alice,
  bob,
  changed,
  type Deal,
  faultOf,
  mallory,
  proposed,
  receiptOf,
  startMs,
  type Told,
  timePassed,
} from './kit/deals.ts'
import { serverKeys, serverName } from './kit/hostile.ts'

const offer = proposed({ terms: { pages: 2 }, payment_code: 'x:alice', confirm_seconds: 60 })
const accepted = after(offer, 'ACCEPT', { stage: 'accepted', own: { payment_code: 'x:bob' } })
const until = startMs + 2_000 + 60_000
const claim = { stage: 'claimed', own: { proof: 'here “is” it \ufffd' }, told: { until } } as const
const claimed = after(accepted, 'COMPLETE', claim)
const completed = after(claimed, 'CONFIRM', { by: alice, stage: 'completed' })
const receipt = receiptOf(completed)

describe('a receipt is not valid', () => {
  test('when any byte of it is another one', () => {
    const bytes = Buffer.from(receipt)
    expect(faultOf(bytes)).toBeUndefined()
    for (const [index, byte] of bytes.entries()) {
      for (const other of [byte ^ 0x01, byte ^ 0x20, 0x20, 0x30, 0x7d, 0xff]) {
        if (other === byte) continue
        bytes[index] = other
        expect(faultOf(bytes), `${index}: ${byte} -> ${other}`).toBeDefined()
      }
      bytes[index] = byte
    }
  })

  test('when a byte is missing, or there is one more', () => {
    expect(faultOf(receipt.slice(0, -1))).toBeDefined()
    for (let index = 0; index < receipt.length; index++) {
      const [head, tail] = [receipt.slice(0, index), receipt.slice(index)]
      expect(faultOf(head + tail.slice(1)), `without ${index}`).toBeDefined()
      expect(faultOf(`${head} ${tail}`), `a blank at ${index}`).toBeDefined()
    }
    for (const more of ['\n', ' ', '\r\n', receipt]) expect(faultOf(receipt + more)).toBeDefined()
    expect(faultOf(`\ufeff${receipt}`)).toBeDefined()
  })

  test('when it is spelled otherwise, or says more than a receipt', () => {
    const fields = JSON.parse(receipt) as Told
    const others = [
      `${JSON.stringify(fields, null, 2)}\n`,
      `${JSON.stringify({ seal: fields.seal, ...fields, agentchat_receipt: 1 })}\n`,
      receipt.replace('"agentchat_receipt":1', '"agentchat_receipt":1.0'),
      receipt.replace('"agentchat_receipt":1', '"agentchat_receipt":1,"agentchat_receipt":1'),
      receipt.replace('translate', '\\u0074ranslate'),
    ]
    for (const text of others) expect(faultOf(text)).toBeDefined()
    for (const more of [{ note: 'paid' }, { agentchat_receipt: 2 }, { seal: undefined }]) {
      expect(faultOf(`${canonicalJson({ ...fields, ...more })}\n`)).toBeDefined()
    }
    for (const name of Object.keys(fields)) {
      for (const value of [null, 7, [], {}, '', 'x']) {
        expect(faultOf(`${canonicalJson({ ...fields, [name]: value })}\n`), name).toBeDefined()
      }
    }
  })

  test('when another server has sealed what it made of it', () => {
    for (const fields of [{ task: 'other' }, { amount: '5' }, { terms: { pages: 3 } }]) {
      const forged = receiptOf(changed(completed, 0, fields), mallory)
      expect(faultOf(forged)).toBe('Step 1: Its signature does not fit what it says.')
    }
    expect(faultOf(receiptOf(changed(completed, 2, { proof: 'x' })))).toMatch(/^Step 3/)
    const renamed = { ...JSON.parse(receipt), server: 'other.example' }
    expect(faultOf(`${canonicalJson(renamed)}\n`)).toMatch(/does not fit/)
  })

  test('when the seal is not of that server, or of other times', () => {
    const other = { ...JSON.parse(receipt), server_key: mallory.text }
    expect(faultOf(`${canonicalJson(other)}\n`)).toMatch(/another key/)
    const { seal: foreign } = JSON.parse(receiptOf(completed, mallory))
    expect(faultOf(`${canonicalJson({ ...JSON.parse(receipt), seal: foreign })}\n`)).toMatch(/seal/)
    const { seal } = JSON.parse(receipt)
    const later = JSON.parse(receiptOf(changed(completed, 3, { updated_at: startMs + 9_000 })))
    expect(faultOf(`${canonicalJson({ ...later, seal })}\n`)).toMatch(/seal/)
    const renamed = { ...JSON.parse(receipt), proposal_id: 'f'.repeat(64) }
    expect(faultOf(`${canonicalJson(renamed)}\n`)).toMatch(/another proposal/)
  })

  test.each<[string, Deal]>([
    ['pending', offer],
    ['accepted', accepted],
    ['accepted', claimed],
    [
      'disputed',
      after(claimed, 'DISPUTE', { by: alice, stage: 'disputed', own: { reason: 'no' } }),
    ],
    ['rejected', after(offer, 'REJECT', { stage: 'rejected' })],
    ['withdrawn', after(offer, 'WITHDRAW', { by: alice, stage: 'withdrawn' })],
    ['expired', timePassed(offer, 'pending', 'expired', 90)],
  ])('while the proposal is %s', (status, deal) => {
    expect(faultOf(receiptOf(deal))).toContain(status)
  })

  test('when it is no receipt at all', () => {
    const deep = '['.repeat(500_000)
    const texts = [
      '',
      '\n',
      'null\n',
      '7\n',
      '[]\n',
      '{}\n',
      '{',
      deep,
      `{"chain":${deep}`,
      '\ud800',
    ]
    for (const text of texts) expect(faultOf(text)).toBeDefined()
    expect(faultOf(`${receipt.slice(0, -1)}${' '.repeat(2_100_000)}`)).toMatch(/too long/)
    const nested = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`
    expect(faultOf(`{"agentchat_receipt":1,"chain":${nested}}\n`)).toBeDefined()
    for (const value of [undefined, null, 7, {}] as unknown as string[]) {
      expect(verifyReceipt(value)).toMatchObject({ valid: false })
    }
  })
})

describe('the recipient cannot make a server of its own, of the same name', () => {
  const byTime = { ...claim, told: { until: startMs + 62_000 } }
  /** Alice has only proposed; bob says the rest, time included. */
  function alone(from: Deal): Deal {
    const taken = after(from, 'ACCEPT', { stage: 'accepted' })
    return timePassed(after(taken, 'COMPLETE', byTime), 'claimed', 'completed', 62)
  }
  const promise = { confirm_seconds: 60 }
  const real = proposed(promise)
  const wished = proposed(promise, { serverKey: bob.text })
  const { sig } = real.chain[0] as { readonly sig: unknown }

  test('to seal what was signed for another key', () => {
    expect(faultOf(receiptOf(alone(real)))).toBeUndefined()
    const reason = 'Step 1: It was signed for a server with another key.'
    expect(faultOf(receiptOf(alone(real), bob))).toBe(reason)
  })

  test('to seal it with the key changed in what was signed', () => {
    const unfit = 'Step 1: Its signature does not fit what it says.'
    const lie = { server_key: bob.text }
    expect(faultOf(receiptOf(changed(alone(real), 0, lie), bob))).toBe(unfit)
    // Its id and every step of bob's are right for the key of his.
    expect(faultOf(receiptOf(alone(changed(wished, 0, { sig })), bob))).toBe(unfit)
    expect(faultOf(receiptOf(alone(wished), bob))).toBeUndefined()
  })

  test('to leave out which key it was signed for, or which signature it is', () => {
    for (const lie of [{ server_key: undefined }, { server_key: null }, { sig_version: 'v0' }]) {
      expect(faultOf(receiptOf(changed(alone(real), 0, lie), bob))).toMatch(/^Step 1: /)
    }
  })

  test('but of version 0 anybody may have sealed it, and that is said', () => {
    const legacy = { version: 'v0' } as const
    const taken = after(proposed({}, legacy), 'ACCEPT', { ...legacy, stage: 'accepted' })
    const done = after(taken, 'COMPLETE', { ...legacy, stage: 'completed' })
    const verdict = verifyReceipt(receiptOf(done, bob))
    expect(verdict).toMatchObject({ valid: true, completedBy: 'claim', serverKey: bob.text })
    expect(notesOf(verdict)).toContainEqual(
      expect.stringMatching(/covers neither its time nor the server.*anybody may have sealed it/),
    )
  })
})

test('a valid one tells what was agreed and done', () => {
  const verdict = verifyReceipt(receipt)
  expect(verdict).toMatchObject({
    valid: true,
    proposalId: completed.id,
    server: serverName,
    serverKey: serverKeys.text,
    from: alice.public.id,
    to: bob.public.id,
    task: 'translate',
    amount: '0.05',
    currency: 'SOL',
    paymentCodes: { from: 'x:alice', to: 'x:bob' },
    terms: { pages: 2 },
    promisedAtMs: startMs,
    acceptedAtMs: startMs + 1_000,
    completedAtMs: startMs + 3_000,
    completedBy: 'confirmation',
    steps: [
      { type: 'ACCEPT' },
      { type: 'COMPLETE', proof: 'here “is” it \ufffd' },
      { type: 'CONFIRM' },
    ],
  })
  expect(verdict).not.toHaveProperty('outcome')
  expect(notesOf(verdict)).toEqual([expect.stringMatching(/times .* are its word/)])
})

test('that nobody disputed is only the word of the server, and said so', () => {
  const verdict = verifyReceipt(receiptOf(timePassed(claimed, 'claimed', 'completed', 62)))
  const completedAtMs = startMs + 62_000
  expect(verdict).toMatchObject({ valid: true, completedBy: 'time', completedAtMs })
  expect(notesOf(verdict)).toContainEqual(expect.stringContaining(`Only ${bob.public.id} says`))
})

test('a dispute that was settled tells how', () => {
  const own = { outcome: 'half is paid' }
  const disputed = after(claimed, 'DISPUTE', { stage: 'disputed', own: { reason: 'no' } })
  const offered = after(disputed, 'SETTLE', { by: alice, stage: 'disputed', own })
  const settled = after(offered, 'SETTLE', { stage: 'settled', own })
  const verdict = verifyReceipt(receiptOf(settled))
  expect(verdict).toMatchObject({ valid: true, completedBy: 'settlement', ...own })
})

test('that somebody was the escrow is the word of the server', () => {
  const held = after(offer, 'ACCEPT', { stage: 'awaiting_escrow' })
  const funded = after(held, 'FUNDED', { by: mallory, stage: 'accepted' })
  const done = after(funded, 'COMPLETE', { stage: 'claimed', told: { until: until + 1_000 } })
  const verdict = verifyReceipt(
    receiptOf(after(done, 'CONFIRM', { by: alice, stage: 'completed' })),
  )
  expect(notesOf(verdict)).toContainEqual(expect.stringContaining(mallory.public.id))
})

test('a deal of the older wire is proved as far as it was signed, and no further', async () => {
  const server = await serve(hasty)
  const [aliceKeys, bobKeys] = [makeKeys(), makeKeys()]
  const oldAlice = await keyedV0(server, 'alice', aliceKeys)
  const oldBob = await keyedV0(server, 'bob', bobKeys)
  const signed = (keys: typeof aliceKeys, text: string) =>
    keys.sign(Buffer.from(text)).toString('base64')
  const made = await oldAlice.ask({
    type: 'PROPOSAL',
    ...{ to: '@bob', task: 'translate', amount: 0.05, currency: 'SOL', terms: 'by noon' },
    sig: signed(aliceKeys, '@bob|translate|0.05|SOL|||'),
  })
  const proposal_id = String(made.proposal_id)
  const accept = signed(bobKeys, `ACCEPT|${proposal_id}|x:bob|`)
  await oldBob.ask({ type: 'ACCEPT', proposal_id, payment_code: 'x:bob', sig: accept })
  const complete = signed(bobKeys, `COMPLETE|${proposal_id}|here`)
  await oldBob.ask({ type: 'COMPLETE', proposal_id, proof: 'here', sig: complete })

  const newAlice = await keyed(server, 'alice', aliceKeys)
  await newAlice.leave()
  const identity = { name: 'alice', publicKey: aliceKeys.pem, privateKey: aliceKeys.secretPem }
  const chat = await connect(server.url, { identity })
  const verdict = verifyReceipt(await chat.proposals.receipt(proposal_id))
  expect(verdict).toMatchObject({
    valid: true,
    from: oldAlice.id,
    to: oldBob.id,
    amount: 0.05,
    terms: null,
    paymentCodes: { from: null, to: 'x:bob' },
    completedBy: 'claim',
    steps: [{ version: 'v0' }, { version: 'v0', proof: 'here' }],
  })
  const notes = notesOf(verdict).join('\n')
  expect(notes).toContain('covers neither its time nor the server')
  expect(notes).toContain(`made to @bob; that this is ${oldBob.id}`)
  expect(notes).toContain('does not cover: terms.')
  expect(notes).toContain(`${oldBob.id} signed ACCEPT with version 0`)
  expect(notes).toContain('version 0 knows no confirmation')
})

test('what agents did on a real server makes a receipt that both have alike', async () => {
  const server = await serve(hasty)
  const buyer = await connectKeyed(server.url, 'alice')
  const maker = await connectKeyed(server.url, 'bob')
  const { proposal_id: id } = await buyer.proposals.propose('@bob', { task: 'translate' })
  await expect(buyer.proposals.receipt(id)).rejects.toMatchObject({
    code: 'INVALID_PROPOSAL',
    message: expect.stringContaining('pending'),
    frame: { hint: expect.stringContaining('accepted') },
  })
  await maker.proposals.accept(id)
  await maker.proposals.complete(id)
  await expect(maker.proposals.receipt(id)).rejects.toThrow(/accepted/)
  await buyer.proposals.confirm(id)
  const text = await buyer.proposals.receipt(id)
  expect(await maker.proposals.receipt(id)).toBe(text)
  expect(verifyReceipt(text)).toMatchObject({ valid: true, serverKey: server.key, proposalId: id })
})

function notesOf(verdict: ReceiptVerdict): readonly string[] {
  return verdict.valid ? verdict.notes : [verdict.reason]
}
