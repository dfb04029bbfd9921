// The load, in a process of its own: members in channels, and senders with a number of messages in flight.

import { mask, open } from './socket.js'

process.once('message', async ({ port, scenario }) => {
  process.send(await run(port, scenario))
})
process.on('disconnect', () => process.exit(0))

/** Tells a message from every other frame by its first bytes. */
const messageHead = Buffer.from('{"type":"MSG"')

async function run(port, { channels, members, senders, inFlight, messages, warmUp }) {
  const state = { deliveries: 0, left: 0, latencies: [] }
  const groups = []
  for (let channel = 0; channel < channels; channel++) {
    groups.push(
      await Promise.all(Array.from({ length: members }, () => join(port, `#c${channel}`, state))),
    )
  }
  const talking = groups.flatMap((group) => group.slice(0, senders))
  await talk(talking, { state, inFlight, messages: warmUp, members })
  process.send('start')
  await new Promise((resolve) => process.once('message', resolve))
  state.latencies = []
  const started = performance.now()
  await talk(talking, { state, inFlight, messages, members })
  const seconds = (performance.now() - started) / 1_000
  const sorted = state.latencies.sort((one, other) => one - other)
  return {
    seconds,
    deliveries: messages * members,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)],
    p99Ms: sorted[Math.floor(sorted.length * 0.99)],
  }
}

let count = 0

async function join(port, channel, state) {
  const marker = `s${count++};`
  const text = JSON.stringify({ type: 'MSG', to: channel, content: marker + 'x'.repeat(100) })
  const member = { sent: [], onEcho: undefined, marker: Buffer.from(marker), text: mask(text) }
  let entered
  const ready = new Promise((resolve) => {
    entered = resolve
  })
  member.socket = await open(port, (payload) => {
    if (payload.subarray(0, messageHead.length).equals(messageHead)) {
      state.deliveries++
      if (member.onEcho && payload.includes(member.marker)) member.onEcho()
      state.onDelivery?.()
    } else if (payload.includes('"JOINED"')) entered()
  })
  member.socket.send(mask(JSON.stringify({ type: 'IDENTIFY', name: 'bench' })))
  member.socket.send(mask(JSON.stringify({ type: 'CREATE_CHANNEL', channel })))
  member.socket.send(mask(JSON.stringify({ type: 'JOIN', channel, replay: 0 })))
  await ready
  return member
}

/** Each sender keeps its number in flight; one message is done when the sender has its echo. */
async function talk(talking, { state, inFlight, messages, members }) {
  const target = state.deliveries + messages * members
  let toSend = messages
  const done = new Promise((resolve) => {
    state.onDelivery = () => {
      if (state.deliveries >= target) resolve()
    }
  })
  for (const sender of talking) {
    const send = () => {
      if (toSend <= 0) return
      toSend--
      sender.sent.push(performance.now())
      sender.socket.send(sender.text)
    }
    sender.onEcho = () => {
      state.latencies.push(performance.now() - sender.sent.shift())
      send()
    }
    for (let sent = 0; sent < inFlight; sent++) send()
  }
  await done
  for (const sender of talking) sender.onEcho = undefined
}
