// An agreement by commands alone, the server killed between each two steps, and its receipt checked where nothing else is.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { verifyReceipt } from '../../src/client/receipt.ts'
import { Home, type Line, type Result, type Running } from '../cli/kit.ts'

const home = new Home()
/** Where there is no identity, no known server, and no server. */
const nowhere = new Home()
afterAll(async () => {
  await home.close()
  await nowhere.close()
})

/** A server on one data directory and one port, through any number of deaths. */
class Phoenix {
  private running: Running | undefined
  private port = '0'
  deaths = 0

  async rise(): Promise<string> {
    const args = [
      'serve',
      '--port',
      this.port,
      '--data',
      join(home.path, 'data'),
      '--log-level',
      'warn',
    ]
    this.running = home.start(args)
    const { url } = await this.running.line(({ type }) => type === 'LISTENING')
    this.port = new URL(String(url)).port
    return String(url)
  }

  async die(): Promise<void> {
    this.running?.kill('SIGKILL')
    await this.running?.ended
    this.deaths += 1
  }
}

const phoenix = new Phoenix()

/** Runs one command while its server lives; the other agent is nowhere. */
async function lifetime(...args: readonly string[]): Promise<Result> {
  const env = { AGENTCHAT_SERVER: await phoenix.rise() }
  const result = await home.run(args, { env })
  await phoenix.die()
  expect({ args, code: result.code, stderr: result.stderr }).toEqual({ args, code: 0, stderr: '' })
  return result
}

function news(lines: readonly Line[]): unknown[] {
  return lines.slice(0, -1).map(({ type, status }) => `${type} ${status}`)
}

it('outlives the server, and proves itself without it', { timeout: 300_000 }, async () => {
  for (const name of ['alice', 'bob']) {
    await lifetime('identity', 'new', name)
    await lifetime('me', '-i', name)
  }
  const terms = ['--amount', '0.05', '--currency', 'SOL', '--terms', '{"until":"Friday"}']
  const made = await lifetime(
    'proposals',
    'new',
    '@bob',
    'translate the page',
    ...terms,
    '-i',
    'alice',
  )
  const id = String(made.last.proposal_id)

  const told = await lifetime('unread', '--ack', '-i', 'bob')
  expect(news(told.lines)).toEqual(['PROPOSAL pending'])
  expect(told.lines[0]).toMatchObject({ proposal_id: id, terms: { until: 'Friday' } })
  await lifetime('proposals', 'accept', id.slice(0, 8), '-i', 'bob')
  expect(news((await lifetime('unread', '--ack', '-i', 'alice')).lines)).toEqual([
    'ACCEPT accepted',
  ])
  await lifetime('proposals', 'complete', id.slice(0, 8), '--proof', 'page.de.html', '-i', 'bob')
  const again = await lifetime('proposals', 'complete', id, '--proof', 'page.de.html', '-i', 'bob')
  expect(again.last).toMatchObject({ repeat: true, awaiting: 'confirmation' })
  expect(news((await lifetime('unread', '-i', 'alice')).lines)).toEqual(['COMPLETE accepted'])
  await lifetime('proposals', 'confirm', id.slice(0, 8), '-i', 'alice')
  expect(news((await lifetime('unread', '-i', 'bob')).lines)).toEqual(['CONFIRM completed'])

  const file = join(home.path, 'receipt.json')
  await lifetime('proposals', 'receipt', id, '--out', file, '-i', 'bob')
  expect(phoenix.deaths).toBeGreaterThan(10)
  await provesItself(file, id)
})

async function provesItself(file: string, id: string): Promise<void> {
  const receipt = readFileSync(file)
  const env = { AGENTCHAT_HOME: join(nowhere.path, 'empty') }
  const path = join(nowhere.path, 'receipt.json')
  const check = async (bytes: Uint8Array) => {
    writeFileSync(path, bytes)
    return nowhere.run(['verify', path], { env })
  }
  const { code, last } = await check(receipt)
  expect(code).toBe(0)
  expect(last).toMatchObject({ type: 'VERIFIED', proposal_id: id, completed_by: 'confirmation' })

  const believed = [...receipt.keys()].filter((at) => isBelieved(changed(receipt, at)))
  expect(believed).toEqual([])
  for (let sample = 0; sample < 20; sample++) {
    const at = Math.floor((sample * receipt.length) / 20)
    const { code, last } = await check(changed(receipt, at))
    expect({ at, code, last }).toMatchObject({ at, code: 5, last: { type: 'ERROR', exit: 5 } })
  }
  rmSync(path)
  expect(readdirSync(nowhere.path)).toEqual([])
}

/** One bit of one byte is another; which one depends on the place. */
function changed(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte))
}

function isBelieved(bytes: Uint8Array): boolean {
  return verifyReceipt(new TextDecoder().decode(bytes)).valid
}
