// A process that appends to a log and prints what was acknowledged, until it is killed.

import { openSqliteLog } from '../../dist/log/sqlite/open.js'

const [directory, durability, work] = process.argv.slice(2)
const IN_FLIGHT = 64

function say(word) {
  process.stdout.write(`${word}\n`)
}

const log = await openSqliteLog({
  directory,
  durability,
  onFailure: (error) => say(error.message),
})

function append() {
  const fields = { text: 'x'.repeat(200) }
  log.append({ type: 'MSG', session: 's-1', fields, now: Date.now() })
}

await log.start({
  thaw() {},
  execute: ({ position }) => ({
    accepted: true,
    position,
    kept: { streams: ['#a', '!a'], news: '{}' },
  }),
  release(outcomes) {
    say(outcomes.at(-1).position)
    if (work === 'append') for (const _ of outcomes) append()
  },
})
say('open')

if (work === 'append') for (let i = 0; i < IN_FLIGHT; i += 1) append()
if (work === 'close') {
  append()
  await log.close()
  // The end of a turn may be on its way still.
  await new Promise(setImmediate)
  say(`left ${process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap')}`)
}
