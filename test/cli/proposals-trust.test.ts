// Deals with the real binary where somebody lies: ids that begin alike, and a server that tells what is not.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { alike } from './alike.ts'
import { lying } from './lying.ts'
import { Town } from './town.ts'

const town = new Town()
beforeAll(() => town.open())
afterAll(() => town.close())

/** Runs a verb as bob at a server that tells something else. */
async function liedTo(change: (text: string) => string, ...args: readonly string[]) {
  const liar = await lying(town.url, change)
  const env = { AGENTCHAT_SERVER: liar.url }
  const result = await town.run(['proposals', ...args, '-i', 'bob'], { env })
  liar.close()
  return result
}

const isSubstituted = { code: 5, last: { type: 'ERROR', code: 'SUBSTITUTED', exit: 5 } }

describe('the beginning of an id', () => {
  it('that a direct proposal shares with an open offer names neither', async () => {
    const [direct, offer] = await alike(town, ['@bob', '#jobs'])
    const beginning = direct.slice(0, 6)
    for (const verb of ['accept', 'show']) {
      const { code, last } = await town.as('bob', verb, beginning)
      expect({ verb, code, last }).toMatchObject({ code: 2, last: { code: 'AMBIGUOUS_ID' } })
      expect(last.hint).toContain(direct)
      expect(last.hint).toContain(offer)
    }
    // What is only about one's own is not confused by offers.
    const rejected = await town.as('bob', 'reject', beginning)
    expect(rejected.last).toMatchObject({ proposal_id: direct, status: 'rejected' })
    await town.as('alice', 'withdraw', offer)
  })

  it('names an offer of one’s own once, though it is in two lists', async () => {
    const { last } = await town.as('alice', 'new', '#jobs', 'listed twice')
    const id = String(last.proposal_id)
    expect((await town.as('alice', 'show', id.slice(0, 8))).code).toBe(0)
    await town.as('alice', 'withdraw', id)
  })

  it('is not taken for another id because a server says so', async () => {
    const id = await town.proposed()
    const absent = id.startsWith('0') ? '1'.repeat(8) : '0'.repeat(8)
    for (const verb of ['accept', 'show']) {
      expect((await town.as('bob', verb, absent)).last.code).toBe('PROPOSAL_NOT_FOUND')
      const led = await liedAsking(absent, id.slice(0, 8), verb)
      expect({ verb, ...led }).toMatchObject(isSubstituted)
      expect(led.last.message).toMatch(/cannot be trusted/)
    }
    expect((await town.as('bob', 'reject', id)).last.status).toBe('rejected')
  })
})

/** Runs a verb as bob where the server looks for something else. */
async function liedAsking(asked: string, instead: string, verb: string) {
  const liar = await lying(
    town.url,
    (text) => text,
    (text) => text.replaceAll(asked, instead),
  )
  const env = { AGENTCHAT_SERVER: liar.url }
  const { code, last } = await town.run(['proposals', verb, asked, '-i', 'bob'], { env })
  liar.close()
  return { code, last }
}

describe('what is printed of a step', () => {
  it('is what was signed, whatever the server answers', async () => {
    const id = await town.proposed('--amount', '5', '--currency', 'SOL')
    const { code, last } = await liedTo(
      (text) =>
        text.includes('"PROPOSAL_STATE"')
          ? text.replace('translate the page', 'do nothing').replace('"amount":"5"', '"amount":"9"')
          : text,
      'accept',
      id,
    )
    expect({ code, last }).toMatchObject({
      code: 0,
      last: { type: 'PROPOSAL_STATE', task: 'translate the page', amount: '5', currency: 'SOL' },
    })
    await town.as('bob', 'complete', id)
    await town.as('alice', 'confirm', id)
  })
})

describe('news that was waited for', () => {
  const change = (from: string, to: string) => (text: string) =>
    text.includes('"PROPOSAL_CHAIN"') ? text : text.replaceAll(from, to)

  it('is not printed when nobody signed it', async () => {
    for (const lie of [change('"type":"CONFIRM"', '"type":"DISPUTE"'), moved]) {
      const id = await town.proposed()
      await town.as('bob', 'accept', id)
      const liar = await lying(town.url, lie)
      const env = { AGENTCHAT_SERVER: liar.url }
      const args = ['proposals', 'complete', id, '--wait', '20s', '-i', 'bob']
      const running = town.home.start(args, { env })
      await running.line(({ type }) => type === 'PROPOSAL_STATE')
      await town.as('alice', 'confirm', id)
      const { code, lines, last } = await running.ended
      expect({ code, last }).toMatchObject(isSubstituted)
      expect(lines.map(({ type }) => type)).toEqual(['PROPOSAL_STATE', 'ERROR'])
      liar.close()
    }
  })

  it('says what was signed', async () => {
    const id = await town.proposed()
    await town.as('bob', 'accept', id)
    const liar = await lying(town.url, change('it is late', 'all is well'))
    const env = { AGENTCHAT_SERVER: liar.url }
    const args = ['proposals', 'complete', id, '--wait', '20s', '-i', 'bob']
    const running = town.home.start(args, { env })
    await running.line(({ type }) => type === 'PROPOSAL_STATE')
    await town.as('alice', 'dispute', id, 'it is late')
    const { code, last } = await running.ended
    expect({ code, last }).toMatchObject({
      code: 0,
      last: { type: 'DISPUTE', reason: 'it is late' },
    })
    liar.close()
  })
})

/** News of a CONFIRM at another place. */
function moved(text: string): string {
  if (text.includes('"PROPOSAL_CHAIN"') || !text.includes('"type":"CONFIRM"')) return text
  return text.replace(/"position":\d+/, '"position":9999999')
}

describe('a claim that is there already', () => {
  it('is confirmed or disputed, not completed once more', async () => {
    const id = await town.proposed()
    await town.as('bob', 'accept', id)
    await town.as('bob', 'complete', id, 'see there')
    const { code, last } = await town.as('alice', 'complete', id)
    expect({ code, last }).toMatchObject({ code: 1, last: { code: 'INVALID_PROPOSAL' } })
    expect(last.hint).toMatch(/confirm it, or dispute it\. agentchat proposals show/)
    const { stderr } = await town.inText('alice', 'complete', id)
    expect(stderr).toMatch(/confirm it, or dispute it\.\n {2}agentchat proposals show \w{64}\n$/)
    expect((await town.as('alice', 'confirm', id)).last.status).toBe('completed')
  })
})
