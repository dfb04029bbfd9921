// Measures server CPU for each delivered message beside a bare ws relay, in one run; prints a table, or JSON with --json.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const scenarios = {
  'one sender to 100 members, 64 in flight': {
    load: { channels: 1, members: 100, senders: 1, inFlight: 64, messages: 20_000, warmUp: 5_000 },
    goal: 1 / 15,
  },
  'one sender to 100 members, 1 in flight': {
    load: { channels: 1, members: 100, senders: 1, inFlight: 1, messages: 4_000, warmUp: 1_000 },
    goal: 1,
  },
  '200 channels of 5, everybody talking': {
    load: { channels: 200, members: 5, senders: 5, inFlight: 1, messages: 100_000, warmUp: 20_000 },
    goal: 0.7,
  },
}
const subjects = {
  relay: ['relay.js'],
  memory: ['server.js', 'memory'],
  normal: ['server.js', 'normal'],
  full: ['server.js', 'full'],
}
const rounds = 3

const results = []
for (const [name, scenario] of Object.entries(scenarios)) {
  const runs = Object.fromEntries(Object.keys(subjects).map((subject) => [subject, []]))
  for (let round = 0; round < rounds; round++) {
    for (const subject of Object.keys(subjects))
      runs[subject].push(await measure(subject, scenario))
  }
  const medians = Object.fromEntries(Object.entries(runs).map(([key, all]) => [key, median(all)]))
  results.push({ name, goal: scenario.goal, medians })
  if (!process.argv.includes('--json')) print(name, scenario.goal, medians)
}
if (process.argv.includes('--json')) console.log(JSON.stringify(results))

async function measure(subject, { load }) {
  const [file, ...args] = subjects[subject]
  const server = start(file, args)
  const [{ port }] = await once(server, 'message')
  const client = start('load.js', [])
  client.send({ port, scenario: load })
  await once(client, 'message')
  const before = await ask(server)
  client.send('go')
  const [result] = await once(client, 'message')
  const after = await ask(server)
  for (const child of [client, server]) {
    child.disconnect()
    await once(child, 'exit')
  }
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds
  return { ...result, cpuPerMillion: (cpuSeconds / result.deliveries) * 1e6 }
}

function start(file, args) {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args)
}

async function ask(server) {
  server.send('cpu')
  const [answer] = await once(server, 'message')
  return answer
}

function median(runs) {
  return runs.sort((one, other) => one.cpuPerMillion - other.cpuPerMillion)[
    Math.floor(runs.length / 2)
  ]
}

function print(name, goal, medians) {
  console.log(`\n${name} (goal: ${goal.toFixed(3)} of the relay)`)
  for (const [subject, { cpuPerMillion, deliveries, seconds, p50Ms, p99Ms }] of Object.entries(
    medians,
  )) {
    const ratio = cpuPerMillion / medians.relay.cpuPerMillion
    console.log(
      [
        subject.padEnd(8),
        `${cpuPerMillion.toFixed(2).padStart(7)} CPU s/M deliveries`,
        `ratio ${ratio.toFixed(3)}`,
        `${Math.round(deliveries / seconds)
          .toLocaleString('en')
          .padStart(9)} deliveries/s`,
        `p50 ${p50Ms.toFixed(2)} ms`,
        `p99 ${p99Ms.toFixed(2)} ms`,
      ].join('   '),
    )
  }
}
