// Signals: the first ends a run in good order, the second ends it at once.

import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { Home } from './kit.ts'

const home = new Home()
const signals = fileURLToPath(new URL('../../dist/cli/signals.js', import.meta.url))
/** A run that does not end by itself, whatever it is told. */
const stubborn = `
  import { processSignal, interruptedCode } from ${JSON.stringify(signals)}
  const signal = processSignal()
  signal.addEventListener('abort', () => console.log(JSON.stringify({ type: String(interruptedCode(signal)) })))
  setInterval(() => {}, 1_000)
  console.log(JSON.stringify({ type: 'READY' }))
`

afterAll(() => home.close())

describe('signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s twice ends a run that hangs', async (signal, code) => {
    const running = home.spawn([process.execPath, '--input-type=module', '-e', stubborn])
    await running.line(({ type }) => type === 'READY')
    running.kill(signal)
    await running.line(({ type }) => type === String(code))
    running.kill(signal)
    expect((await running.ended).code).toBe(code)
  })
})
