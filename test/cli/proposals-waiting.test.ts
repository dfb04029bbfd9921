// Waiting for what others do with a deal, with the real binary: --wait and --watch.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Home, startServer } from './kit.ts'
import { Town } from './town.ts'

const town = new Town()
beforeAll(() => town.open())
afterAll(() => town.close())

describe('--wait', () => {
  it('ends with exit code 4 when nobody answers, and the proposal stands', async () => {
    const { code, lines, last } = await town.as('alice', 'new', '@bob', 'quick?', '--wait', '300ms')
    expect(code).toBe(4)
    expect(lines).toMatchObject([
      { type: 'PROPOSAL_STATE', status: 'pending' },
      { type: 'ERROR', code: 'NO_ANSWER', exit: 4 },
    ])
    const id = String(lines[0]?.proposal_id)
    expect(last.hint).toContain(`agentchat proposals show ${id}`)
    expect((await town.as('alice', 'withdraw', id)).code).toBe(0)
  })

  it('prints the answer, and each side hears the next step of the other', async () => {
    const asking = town.start('alice', 'new', '@bob', 'quick!', '--wait', '20s')
    const { proposal_id } = await asking.line(({ type }) => type === 'PROPOSAL_STATE')
    const id = String(proposal_id)
    const accepting = town.start('bob', 'accept', id, '--wait', '20s')
    const asked = await asking.ended
    expect(asked.code).toBe(0)
    expect(asked.last).toMatchObject({ type: 'ACCEPT', proposal_id: id, status: 'accepted' })

    await accepting.line(({ type }) => type === 'PROPOSAL_STATE')
    await town.as('alice', 'dispute', id, 'too late')
    expect((await accepting.ended).last).toMatchObject({ type: 'DISPUTE', reason: 'too late' })
    // What came after a step that was taken before was told already.
    await town.as('bob', 'settle', id, 'half')
    await town.as('alice', 'settle', id, 'a third')
    const late = await town.as('bob', 'settle', id, 'half', '--wait', '20s')
    expect(late.lines).toMatchObject([{ repeat: true }, { type: 'SETTLE', outcome: 'a third' }])
  })

  it('ends with a signal, and the proposal stands', async () => {
    const asking = town.start('alice', 'new', '@bob', 'well?', '--wait', '20s')
    const { proposal_id } = await asking.line()
    asking.kill('SIGINT')
    expect(await asking.ended).toMatchObject({ code: 130, lines: [{ type: 'PROPOSAL_STATE' }] })
    expect((await town.as('bob', 'reject', String(proposal_id))).code).toBe(0)
  })

  it('hears when time moves it on', async () => {
    const { code, last } = await town.as(
      'alice',
      'new',
      '@bob',
      'now',
      '--expires',
      '1s',
      '--wait',
      '20s',
    )
    expect({ code, last }).toMatchObject({
      code: 0,
      last: { type: 'TIME_UP', status: 'expired', was: 'pending' },
    })
  })
})

describe('a server that dies while somebody waits', () => {
  it('comes back with the answer', async () => {
    const home = new Home()
    const data = ['--data', `${home.path}/data`]
    const first = await startServer(home, data)
    const env = { AGENTCHAT_SERVER: first.url }
    for (const name of ['alice', 'bob']) {
      await home.run(['identity', 'new', name])
      await home.run(['me', '-i', name], { env })
    }
    const ask = ['propose', '@bob', 'still there?', '--wait', '50s', '-v', '-i', 'alice']
    const asking = home.start(ask, { env })
    const { proposal_id: id } = await asking.line()
    first.running.kill('SIGKILL')
    await first.running.ended
    await asking.says(/Connecting again in/)
    await startServer(home, [...data, '--port', new URL(first.url).port])
    await home.run(['accept', String(id), '-i', 'bob'], { env })
    const { code, lines } = await asking.ended
    expect(code).toBe(0)
    expect(lines.map(({ type }) => type)).toEqual(['PROPOSAL_STATE', 'ACCEPT'])
    await home.close()
  })
})

describe('--watch', () => {
  it('prints what happens, and where it stopped', async () => {
    const watching = town.start('bob', '--watch', '--count', '3')
    await watching.says(/Watching/)
    const id = await town.proposed()
    await town.as('bob', 'accept', id)
    await town.as('alice', 'dispute', id, 'late')
    const { code, lines, last } = await watching.ended
    expect(code).toBe(0)
    expect(lines.map(({ type }) => type)).toEqual(['PROPOSAL', 'ACCEPT', 'DISPUTE', 'END'])
    expect(last).toMatchObject({ count: 3, reason: 'count', next: lines[2]?.position })

    const since = ['--watch', '--since', String(lines[0]?.position)]
    const later = await town.as('bob', ...since, '--count', '2')
    expect(later.lines.map(({ type }) => type)).toEqual(['ACCEPT', 'DISPUTE', 'END'])
    const disputed = await town.as('bob', ...since, '--status', 'disputed', '--count', '1')
    expect(disputed.lines).toMatchObject([{ type: 'DISPUTE', replay: true }, { type: 'END' }])
  })

  it('ends with exit code 4 when nothing came, and on signals', async () => {
    const { code, lines } = await town.as('carol', '--watch', '--timeout', '300ms')
    expect(code).toBe(4)
    expect(lines).toMatchObject([{ type: 'END', count: 0, left: 0, reason: 'timeout' }])
    const watching = town.start('carol', '--watch')
    await watching.says(/Watching/)
    watching.kill('SIGTERM')
    expect(await watching.ended).toMatchObject({ code: 143, last: { reason: 'interrupted' } })
  })

  it('hears that an offer of its channel is closed', async () => {
    const watching = town.start('bob', '--watch', '--channel', '#jobs', '--count', '2')
    await watching.says(/Watching/)
    const { last } = await town.as('alice', 'new', '#jobs', 'soon gone')
    await town.as('alice', 'withdraw', String(last.proposal_id))
    const { lines } = await watching.ended
    expect(lines.map(({ type }) => type)).toEqual(['PROPOSAL', 'OFFER_CLOSED', 'END'])
  })
})
