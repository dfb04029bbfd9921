// Receipts with the real binary: written whole, checked anywhere, and never believed when anything is wrong.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bin, Home, type Result } from './kit.ts'
import { lying } from './lying.ts'
import { Town } from './town.ts'

const town = new Town()
let id = ''
let file = ''

beforeAll(async () => {
  await town.open()
  const agreed = ['--amount', '0.05', '--currency', 'SOL', '--terms', '{"theirWords":[1]}']
  const times = ['--due', '2h', '--confirm-within', '90']
  id = await town.proposed('--pay', 'x:alice', ...agreed, ...times)
  await town.as('bob', 'accept', id, '--pay', 'x:bob')
  await town.as('bob', 'complete', id, '--proof', 'see there')
  await town.as('alice', 'confirm', id)
  file = join(town.home.path, 'receipt.json')
  await town.as('bob', 'receipt', id.slice(0, 8), '--out', file)
})
afterAll(() => town.close())

/** Checks a receipt in a home where there is nothing, with no server anywhere. */
async function verified(text: string | Buffer, ...args: readonly string[]): Promise<Result> {
  const nowhere = new Home()
  try {
    const path = join(nowhere.path, 'a.json')
    writeFileSync(path, text)
    const result = await nowhere.run(['verify', path, ...args])
    expect(readdirSync(nowhere.path)).toEqual(['a.json'])
    return result
  } finally {
    await nowhere.close()
  }
}

/** Another key, whatever this one begins with. */
function otherThan(key: string): string {
  return `${key.startsWith('B') ? 'C' : 'B'}${key.slice(1)}`
}

describe('receipt', () => {
  it('is of what has come to an end', async () => {
    const open = await town.proposed()
    const { code, last } = await town.as('alice', 'receipt', open)
    expect({ code, last }).toMatchObject({ code: 1, last: { code: 'INVALID_PROPOSAL' } })
    expect(last.message).toMatch(/^A receipt is of what was completed or settled/)
    expect((await town.as('carol', 'receipt', id)).last.code).toBe('PROPOSAL_NOT_FOUND')
    await town.as('alice', 'withdraw', open)
  })

  it('replaces no file unless that is said, and leaves nothing beside it', async () => {
    const before = readFileSync(file)
    const refused = await town.as('bob', 'receipt', id, '--out', file)
    expect(refused).toMatchObject({ code: 2, last: { code: 'USAGE', hint: 'Add --force.' } })
    const missing = await town.as('bob', 'receipt', id, '--out', '/nowhere/a.json')
    expect(missing).toMatchObject({ code: 2, last: { message: expect.stringMatching(/ENOENT/) } })
    writeFileSync(file, 'something else')
    const forced = await town.as('bob', 'receipt', id, '--out', file, '--force')
    expect(forced).toMatchObject({ code: 0, last: { type: 'RECEIPT', proposal_id: id, file } })
    expect(readFileSync(file)).toEqual(before)
    expect(statSync(file).mode & 0o133).toBe(0)
    expect(readdirSync(town.home.path).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('goes to standard output as it is', async () => {
    const { stdout } = await town.as('alice', 'receipt', id)
    expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(file, 'utf8')))
    expect((await town.as('alice', 'receipt', id, '--out', '-')).stdout).toBe(stdout)
    const piped = await town.run(['verify', '-'], { input: stdout })
    expect(piped).toMatchObject({ code: 0, last: { type: 'VERIFIED' } })
  })
})

describe('verify', () => {
  it('says who promised what to whom, and how it ended', async () => {
    const { code, stderr, last } = await verified(readFileSync(file))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(last).toMatchObject({
      type: 'VERIFIED',
      proposal_id: id,
      server: 'localhost',
      server_key: expect.stringMatching(/^[\w-]{43}$/),
      from: expect.stringMatching(/^@\w{16}$/),
      to: expect.stringMatching(/^@\w{16}$/),
      task: 'translate the page',
      amount: '0.05',
      currency: 'SOL',
      payment_codes: { from: 'x:alice', to: 'x:bob' },
      terms: { theirWords: [1] },
      promised_at_ms: expect.any(Number),
      completed_by: 'confirmation',
      due_seconds: 7_200,
      confirm_seconds: 90,
      known_as: [],
      steps: [{ type: 'ACCEPT' }, { type: 'COMPLETE', proof: 'see there' }, { type: 'CONFIRM' }],
    })
    const { stdout } = await verified(readFileSync(file), '--text')
    expect(stdout).toMatch(/^Every signature in it holds\.\nproposal +\w{64}\n/)
    expect(stdout).toMatch(/^task +translate the page\namount +0\.05 SOL\n/m)
    expect(stdout).toMatch(
      /^server +localhost\nkey +[\w-]{43}, which this machine does not know\n/m,
    )
    expect(stdout).toMatch(/^due within +2 hours\nconfirm within +90 seconds\n/m)
    expect(stdout).toMatch(/^ended .+, completed, as both sides say\n/m)
    expect(stdout).not.toMatch(/paid/)
  })

  it('tells by which addresses this machine knows the server', async () => {
    const known = await town.run(['verify', file])
    expect(known).toMatchObject({ code: 0, last: { known_as: [town.url] } })
    const { stdout } = await town.run(['verify', file, '--text'])
    expect(stdout).toMatch(new RegExp(`^key +[\\w-]{43}, known here as ${town.url}$`, 'm'))

    const elsewhere = new Home()
    mkdirSync(elsewhere.state)
    const key = String(known.last.server_key)
    const line = (url: string, one: string) => `${JSON.stringify({ url, key: one })}\n`
    const other = otherThan(key)
    writeFileSync(
      join(elsewhere.state, 'known_servers'),
      `damaged\n[]\n${line('ws://moved', key)}${line('ws://a', other)}${line('ws://a', key)}${line('ws://b', key)}${line('ws://moved', other)}`,
    )
    const { last } = await elsewhere.run(['verify', file])
    expect(last.known_as).toEqual(['ws://a', 'ws://b'])
    await elsewhere.close()
  })

  it('takes only the seal of the key that is wanted', async () => {
    const { last } = await town.run(['verify', file])
    const key = String(last.server_key)
    expect((await verified(readFileSync(file), '--server-key', key)).code).toBe(0)
    const other = await verified(readFileSync(file), '--server-key', otherThan(key))
    expect(other).toMatchObject({ code: 5, last: { code: 'NOT_VERIFIED', exit: 5 } })
    expect(other.last.message).toContain(key)
    expect(other.lines).toHaveLength(1)
    const none = await verified(readFileSync(file), '--server-key', 'localhost')
    expect(none).toMatchObject({ code: 2, last: { code: 'USAGE' } })
  })

  it('ends with exit code 5 when anything is wrong', async () => {
    const bytes = readFileSync(file)
    const changed = (at: number, to: number) => Buffer.from(bytes.with(at, to))
    const place = bytes.indexOf('translate')
    for (const text of [
      changed(place, 'T'.charCodeAt(0)),
      changed(place, 0xff),
      changed(bytes.length - 1, ' '.charCodeAt(0)),
      bytes.subarray(0, -1),
      `\ufeff${bytes}`,
      `${bytes}\n`,
      '',
      '{}',
      'x'.repeat(5_000_000),
    ]) {
      const { code, last } = await verified(text)
      expect({ code, last }).toMatchObject({ code: 5, last: { code: 'NOT_VERIFIED', exit: 5 } })
      expect(last.message).toMatch(/\.$/)
    }
    const piped = await town.run(['verify', '-'], { input: `${bytes} ` })
    expect(piped).toMatchObject({ code: 5, last: { code: 'NOT_VERIFIED' } })
  })

  it('ends with exit code 2 when there is nothing to read', async () => {
    for (const path of [join(town.home.path, 'nope.json'), town.home.path]) {
      const { code, last } = await town.run(['verify', path])
      expect({ code, last }).toMatchObject({ code: 2, last: { code: 'USAGE' } })
    }
    expect((await town.run(['verify'])).code).toBe(2)
  })

  it('reads from nothing that may never end', async () => {
    const pipe = join(town.home.path, 'pipe')
    spawnSync('sh', ['-c', `mkfifo '${pipe}'`])
    for (const path of [pipe, '/dev/zero', town.home.path]) {
      const { code, last } = await town.run(['verify', path])
      expect({ path, code, last }).toMatchObject({ code: 2, last: { code: 'USAGE' } })
      expect(last.hint).toMatch(/-/)
    }
    const script = `${process.execPath} ${bin} verify - --json < /dev/zero`
    const { code, last } = await town.home.spawn(['sh', '-c', script]).ended
    expect({ code, last }).toMatchObject({ code: 5, last: { code: 'NOT_VERIFIED' } })
  })

  it('tells whether this machine knows the server, and asks for the one that is named', async () => {
    const bytes = readFileSync(file)
    const { last } = await town.run(['verify', file])
    const { server_key: key } = last
    expect(last.known_as).toEqual([town.url])
    expect((await verified(bytes)).last.known_as).toEqual([])
    expect((await verified(bytes, '--text')).stdout).toMatch(/which this machine does not know/)
    expect((await verified(bytes, '--server-key', String(key))).code).toBe(0)
    const other = await verified(bytes, '--server-key', 'x'.repeat(43))
    expect(other).toMatchObject({ code: 5, last: { code: 'NOT_VERIFIED' } })
  })
})

describe('a server that lies about a proposal', () => {
  it('is found out by show, and nothing is signed for it', async () => {
    const other = await town.proposed()
    const [said, told] = ['translate the page', 'pay me twice']
    const liar = await lying(town.url, (text) => text.replaceAll(said, told))
    const half = await lying(town.url, (text) => text.replace(said, told))
    for (const [{ url }, ...args] of [
      [liar, 'show', other],
      [liar, 'accept', other],
      [half, 'show', other],
    ] as const) {
      const env = { AGENTCHAT_SERVER: url }
      const { code, last } = await town.run(['proposals', ...args, '-i', 'bob'], { env })
      expect({ args, code, last }).toMatchObject({
        code: 5,
        last: { code: 'SUBSTITUTED', exit: 5 },
      })
      expect(last.message).toMatch(/cannot be trusted/)
    }
    half.close()
    liar.close()
    expect((await town.as('bob', 'reject', other)).last.status).toBe('rejected')
  })
})

it('a server cannot have another proposal signed for a shortened id', async () => {
  const meant = await town.proposed('--amount', '500')
  const bad = await town.proposed('--amount', '0.01')
  const swap = (text: string) =>
    text.includes('"type":"PROPOSALS"') ? text.replaceAll(meant, bad) : text
  const liar = await lying(town.url, swap)
  const env = { AGENTCHAT_SERVER: liar.url }
  const words = ['proposals', 'accept', meant.slice(0, 10), '-i', 'bob']
  const { code, last } = await town.run(words, { env })
  expect({ code, last }).toMatchObject({ code: 5, last: { code: 'SUBSTITUTED' } })
  liar.close()
  for (const id of [meant, bad]) expect((await town.as('alice', 'withdraw', id)).code).toBe(0)
})

it('an answer that nobody has signed is not waited for in vain, nor believed', async () => {
  const forged = (text: string) => {
    if (!text.includes('"type":"PROPOSAL_STATE"')) return [text]
    const { proposal_id, position } = JSON.parse(text)
    const answer = { type: 'REJECT', ts: Date.now(), proposal_id, status: 'rejected', by: '@a' }
    return [text, JSON.stringify({ ...answer, from: '@a', position: position + 1, reason: null })]
  }
  const liar = await lying(town.url, forged)
  const env = { AGENTCHAT_SERVER: liar.url }
  const words = ['proposals', 'new', '@bob', 'translate', '--wait', '20s', '-i', 'alice']
  const { code, last } = await town.run(words, { env })
  expect({ code, last }).toMatchObject({ code: 5, last: { code: 'SUBSTITUTED' } })
  liar.close()
})
