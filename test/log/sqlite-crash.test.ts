// Real processes on one log: who holds it, and what is there after SIGKILL.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readEntries } from '../../src/log/export.ts'
import { start } from './contract/recorder.ts'
import { type LogDirectory, makeDirectory } from './directory.ts'

const APPENDER = fileURLToPath(new URL('appender.js', import.meta.url))

let place: LogDirectory
const children: ChildProcess[] = []

beforeEach(async () => {
  place = await makeDirectory()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await place.remove()
})

/** Starts a process on the log and gives its words as they come; the words end when it does. */
function run(
  durability: string,
  work: string,
): { child: ChildProcess; words: AsyncIterator<string> } {
  const child = spawn(process.execPath, [APPENDER, place.directory, durability, work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  return { child, words: lines[Symbol.asyncIterator]() }
}

test('a process that is killed frees the log it was named to hold', async () => {
  const { child, words } = run('full', 'hold')
  expect(await words.next()).toMatchObject({ value: 'open' })
  await expect(place.open()).rejects.toMatchObject({
    code: 'LOG_LOCKED',
    message: expect.stringContaining(`process ${child.pid} on`),
  })
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await place.open()).close()
})

test('a process that closes its log ends by itself', async () => {
  const { child, words } = run('full', 'close')
  const exit = once(child, 'exit')
  expect(await words.next()).toMatchObject({ value: 'open' })
  expect(await words.next()).toMatchObject({ value: '1' })
  expect(await words.next()).toMatchObject({ value: 'left ' })
  expect(await exit).toEqual([0, null])
})

test.each(['full', 'normal'])('what was acknowledged survives SIGKILL (%s)', async (durability) => {
  let acknowledged = 0
  let stored = 0
  for (let round = 1; round <= 5; round += 1) {
    const { child, words } = run(durability, 'append')
    const exit = once(child, 'exit')
    expect(await words.next()).toMatchObject({ value: 'open' })
    let heard = 0
    for (let word = await words.next(); word.done !== true; word = await words.next()) {
      acknowledged = Number(word.value)
      heard += 1
      if (heard === round * 13) child.kill('SIGKILL')
    }
    await exit
    expect(heard).toBeGreaterThanOrEqual(round * 13)
    const { log, told } = await start(place)
    const positions = told.entries.map((entry) => entry.position)
    expect(positions.length).toBeGreaterThanOrEqual(acknowledged)
    expect(positions).toEqual(positions.map((_, index) => index + 1))
    await log.close()
    stored = positions.length
  }
  const { log } = await start(place)
  await log.freeze(stored, 'world')
  await log.forget(stored)
  await log.close()
  // All of it stood in a lasting stream.
  expect([...readEntries(place.directory)]).toHaveLength(stored)
})
