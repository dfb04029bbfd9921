// Deals by commands alone, with the real binary: refused, made, answered, done, disputed and settled.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Town } from './town.ts'

const town = new Town()
beforeAll(() => town.open())
afterAll(() => town.close())

const unknownId = '0'.repeat(64)
const wrong: readonly (readonly [string, string[], number, string, RegExp])[] = [
  ['no task', ['new', '@bob'], 2, 'USAGE', /standard input/],
  ['a task of blanks', ['new', '@bob', ' '], 2, 'USAGE', /standard input/],
  ['a task that is too long', ['new', '@bob', 'x'.repeat(4_001)], 2, 'USAGE', /shorter/],
  ['two tasks', ['new', '@bob', 'x', '--task', 'y'], 2, 'USAGE', /in one way/],
  ['an amount that is none', ['new', '@bob', 'x', '--amount', '1e3'], 2, 'USAGE', /formatting/],
  [
    'two places to pay',
    ['new', '@b', 'x', '--pay', 'a:b', '--payment-code', 'c:d'],
    2,
    'USAGE',
    /./,
  ],
  ['half a second', ['new', '@bob', 'x', '--expires', '500ms'], 2, 'USAGE', /formatting/],
  ['more than a year', ['new', '@bob', 'x', '--expires', '366d'], 2, 'USAGE', /formatting/],
  ['a long time to confirm', ['new', '@bob', 'x', '--confirm-within', '31d'], 2, 'USAGE', /./],
  ['two texts from one pipe', ['new', '@bob', '-', '--terms', '-'], 2, 'USAGE', /@FILE/],
  ['terms in no file', ['new', '@bob', 'x', '--terms', '@nope.json'], 2, 'USAGE', /there/],
  ['terms with a fraction', ['new', '@bob', 'x', '--terms', '{"a":0.5}'], 2, 'USAGE', /./],
  ['terms that are no JSON', ['new', '@bob', 'x', '--terms', '{bad'], 2, 'USAGE', /Mend them/],
  ['terms that are half a list', ['new', '@bob', 'x', '--terms', '[1,'], 2, 'USAGE', /Mend them/],
  [
    'terms with a key twice',
    ['new', '@bob', 'x', '--terms', '{"a":1,"\\u0061":2}'],
    2,
    'USAGE',
    /Mend them/,
  ],
  ['too short an id', ['accept', 'abc'], 2, 'USAGE', /formatting/],
  ['no id', ['accept'], 2, 'USAGE', /accept|proposals/],
  ['no reason', ['dispute', unknownId], 2, 'USAGE', /standard input/],
  ['no outcome', ['settle', unknownId], 2, 'USAGE', /standard input/],
  ['two proofs', ['complete', unknownId, 'done', '--proof', 'y'], 2, 'USAGE', /in one way/],
  ['a proof in no file', ['complete', unknownId, '--proof-file', 'nope'], 2, 'USAGE', /there/],
  ['an unknown status', ['list', '--status', 'open'], 2, 'USAGE', /formatting/],
  ['two statuses', ['--status', 'pending', '--state', 'expired'], 2, 'USAGE', /one of them/],
  ['a limit to watching', ['--watch', '--limit', '5'], 2, 'USAGE', /Leave them out/],
  ['a count without watching', ['list', '--count', '5'], 2, 'USAGE', /Leave them out/],
  ['an unknown id', ['accept', unknownId], 1, 'PROPOSAL_NOT_FOUND', /agentchat proposals/],
  ['an unknown beginning', ['show', '000000'], 1, 'PROPOSAL_NOT_FOUND', /--channel/],
  ['an unknown agent', ['new', '@nobody', 'x'], 1, 'AGENT_NOT_FOUND', /agentchat agents/],
  ['oneself', ['new', '@carol', 'x'], 1, 'INVALID_MSG', /./],
  ['an offer from outside', ['new', '#jobs', 'x'], 1, 'NOT_INVITED', /channels join/],
  ['offers from outside', ['--channel', '#jobs'], 1, 'NOT_INVITED', /channels join/],
  ['a place to pay that is none', ['new', '@bob', 'x', '--pay', 'nowhere'], 1, 'INVALID_MSG', /./],
]

describe('what is refused', () => {
  it.each(wrong)('%s', async (_what, args, exit, code, hint) => {
    const { code: ended, last } = await town.as('carol', ...args)
    expect({ ended, ...last }).toMatchObject({ ended: exit, type: 'ERROR', code, exit })
    expect(last.hint).toMatch(hint)
  })

  it('needs an identity', async () => {
    for (const args of [['list'], ['new', '@bob', 'x'], ['accept', unknownId], ['--watch']]) {
      const { code, last } = await town.run(['proposals', ...args, '-n', 'guest'])
      expect({ code, last }).toMatchObject({ code: 5, last: { code: 'IDENTITY_NEEDED' } })
    }
  })

  it('is a word for programs and a sentence for people', async () => {
    const id = await town.proposed()
    const json = await town.as('alice', 'accept', id)
    expect(json).toMatchObject({
      code: 1,
      last: { code: 'INVALID_PROPOSAL', message: 'NOT_PROPOSAL_RECIPIENT', exit: 1 },
    })
    expect(json.last.hint).toMatch(
      /^Only who it is made to can answer it\. agentchat proposals show/,
    )
    const text = await town.inText('alice', 'accept', id)
    expect(text.stderr).toBe(
      `Only who it is made to can answer it.\n  agentchat proposals show ${id}\n`,
    )
    await town.as('bob', 'reject', id)
    expect((await town.as('bob', 'accept', id)).last.message).toBe('PROPOSAL_NOT_PENDING')
    expect((await town.as('bob', 'complete', id)).last.message).toBe('PROPOSAL_NOT_ACCEPTED')
  })
})

describe('a deal', () => {
  it('is made, accepted, completed and confirmed, each step once', async () => {
    const made = await town.as(
      'alice',
      'new',
      '@bob',
      'translate',
      'the page',
      '--amount',
      '0.05',
      '--currency',
      'SOL',
      '--pay',
      'solana:11111111111111111111111111111111',
      '--expires',
      '2h',
      '--due',
      '7d',
      '--confirm-within',
      '3600',
      '--terms',
      '{"words":[1,2]}',
    )
    expect(made.code).toBe(0)
    expect(made.lines).toMatchObject([
      { type: 'PROPOSAL_STATE', status: 'pending', task: 'translate the page', amount: '0.05' },
    ])
    const id = String(made.last.proposal_id)
    const short = id.slice(0, 10)

    const accepted = await town.as(
      'bob',
      'accept',
      short,
      'solana:11111111111111111111111111111112',
    )
    expect(accepted.last).toMatchObject({ proposal_id: id, status: 'accepted' })
    const again = await town.as(
      'bob',
      'accept',
      short,
      '--payment-code',
      'solana:11111111111111111111111111111112',
    )
    expect(again).toMatchObject({ code: 0, last: { status: 'accepted', repeat: true } })
    const third = await town.inText(
      'bob',
      'accept',
      short,
      '--pay',
      'solana:11111111111111111111111111111112',
    )
    expect(third.stdout).toMatch(/taken before, not taken again/)

    writeFileSync(join(town.home.path, 'page.html'), 'Seite')
    const done = await town.as(
      'bob',
      'complete',
      short,
      '--proof-file',
      join(town.home.path, 'page.html'),
    )
    expect(done.last).toMatchObject({ status: 'accepted', awaiting: 'confirmation' })
    const confirmed = await town.as('alice', 'confirm', short)
    expect(confirmed.last).toMatchObject({ status: 'completed' })

    const shown = await town.as('alice', 'show', short)
    expect(shown.lines).toHaveLength(1)
    expect(shown.last).toMatchObject({
      type: 'PROPOSAL_CHAIN',
      chain: [
        {
          type: 'PROPOSAL',
          terms: { words: [1, 2] },
          due_seconds: 604_800,
          confirm_seconds: 3_600,
        },
        { type: 'ACCEPT', payment_code: 'solana:11111111111111111111111111111112' },
        { type: 'COMPLETE', proof: expect.stringMatching(/^sha256:[0-9a-f]{64} page\.html$/) },
        { type: 'CONFIRM' },
      ],
    })
    const text = await town.inText('alice', 'show', short)
    expect(text.stdout).toMatch(/^id +\w{64}\nstatus +completed\nfrom +you\n/)
    expect(text.stdout).toMatch(/amount +0\.05 SOL/)
    expect(
      text.stdout
        .split('\n')
        .slice(-6, -2)
        .map((line) => line.replace(/^ +\S+ \S+ /, '')),
    ).toEqual([
      'you proposed: translate the page 0.05 SOL (stands after 1h unless disputed)',
      expect.stringMatching(/^@\w{16} accepted$/),
      expect.stringMatching(/^@\w{16} says that it is done: sha256:/),
      'you confirmed that it is done',
    ])
    expect(text.stdout).toMatch(/\nChecked: each step is signed by who took it\.\n$/)
    expect(shown.stderr + text.stderr).toBe('')
    expect(text.stdout + text.stderr).not.toMatch(/paid/)
  })

  it('is said in other ways: flags, pipes and files', async () => {
    writeFileSync(join(town.home.path, 'terms.json'), '["a"]\n')
    const piped = await town.run(
      ['proposals', 'new', 'bob'.padStart(4, '@'), '-', '--terms', '@terms.json', '-i', 'alice'],
      { input: 'line 1\nline 2\n' },
    )
    const id = String(piped.last.proposal_id)
    const plain = await town.as('alice', 'new', '@bob', '--task', 'a task', '--terms', 'as always')
    for (const [one, task, terms] of [
      [id, 'line 1\nline 2', ['a']],
      [String(plain.last.proposal_id), 'a task', 'as always'],
    ]) {
      const { last } = await town.as('bob', 'show', String(one))
      expect(last.chain).toMatchObject([{ task, terms }])
    }
    const rejected = await town.as('bob', 'reject', id, 'no', 'time')
    expect(rejected.last.status).toBe('rejected')
    const withdrawn = await town.as(
      'alice',
      'withdraw',
      String(plain.last.proposal_id),
      '--reason',
      'ill',
    )
    expect(withdrawn.last.status).toBe('withdrawn')
    const { stdout } = await town.inText('bob', 'show', id)
    expect(stdout).toMatch(/you rejected: no time/)
  })

  it('is proposed once under one cid', async () => {
    const cid = ['--cid', 'c'.repeat(22)]
    const id = await town.proposed(...cid)
    const again = await town.as('alice', 'new', '@bob', 'translate the page', ...cid)
    expect(again).toMatchObject({ code: 0, last: { proposal_id: id, repeat: true } })
    const other = await town.as('alice', 'new', '@bob', 'something else', ...cid)
    expect(other).toMatchObject({ code: 1, last: { code: 'CID_CONFLICT' } })
  })

  it('is disputed, and settled once both say the same', async () => {
    const id = await town.proposed()
    await town.as('bob', 'accept', id)
    expect((await town.as('alice', 'dispute', id, 'nothing', 'came')).last.status).toBe('disputed')
    expect((await town.as('bob', 'settle', id, 'half is owed')).last.status).toBe('disputed')
    expect((await town.as('alice', 'settle', id, '--outcome', 'half is owed')).last.status).toBe(
      'settled',
    )
    const { stdout } = await town.inText('bob', 'show', id)
    expect(stdout).toMatch(
      /disputes it: nothing came\n.*you offers? to settle: half is owed\n.*agreed how it ends/,
    )
  })

  it('shows nothing that others wrote as if it were ours', async () => {
    const { last } = await town.as('alice', 'new', '@bob', 'a\u001b[2J\nstatus  completed')
    const id = String(last.proposal_id)
    for (const args of [
      ['show', id],
      ['list', '--limit', '1'],
    ]) {
      const { stdout } = await town.inText('bob', ...args)
      expect(stdout).not.toContain('\u001b')
      expect(stdout).not.toMatch(/^status {2}completed/m)
      expect(stdout).toMatch(/a status {2}completed/)
    }
    await town.as('alice', 'withdraw', id)
  })
})
