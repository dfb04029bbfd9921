// An escrow as a hook of an AgentChat server: notes down what is held in a ledger, and signs FUNDED. No money moves.

import { createServer } from 'node:http'
import { AgentChat, loadIdentity } from 'agentchat'
import { openLedger } from './ledger.js'
import { readCall, readKey } from './webhook.js'

const {
  AGENTCHAT_SERVER = 'ws://localhost:6667',
  ESCROW_IDENTITY = 'escrow.json',
  ESCROW_LEDGER = 'ledger.jsonl',
  ESCROW_HOOK = 'ledger',
  ESCROW_PORT = '8090',
  WEBHOOK_KEY = '',
} = process.env

/** The longest body that is read; those of a server are much shorter. */
const bodyBytesMost = 1_048_576

const key = readKey(WEBHOOK_KEY)
const identity = await loadIdentity(ESCROW_IDENTITY)
const chat = await AgentChat.connect({ server: AGENTCHAT_SERVER, identity })
const ledger = openLedger(ESCROW_LEDGER, fund)

/** One after the other: two calls for one proposal must not pass each other. */
let queue = Promise.resolve()

const server = createServer(async (request, response) => {
  const status = await receive(request).catch((failure) => {
    process.stderr.write(`${failure}\n`)
    return 500 // the server calls again later
  })
  response.writeHead(status).end()
})
server.listen(Number(ESCROW_PORT), '127.0.0.1', () => {
  const { port } = server.address()
  process.stdout.write(`${JSON.stringify({ type: 'LISTENING', port, agent: chat.id })}\n`)
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)

async function receive(request) {
  if (request.method !== 'POST') return 405
  const body = await read(request)
  if (!body) return 413
  const call = readCall(request.headers, body, { key, hook: ESCROW_HOOK, nowMs: Date.now() })
  if (!call) return 401
  const taken = queue.then(() => ledger.take(call))
  queue = taken.catch(() => {})
  await taken
  return 204
}

async function read(request) {
  const parts = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > bodyBytesMost) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Signs that what was agreed is here. @returns false when nobody waits for that any more */
async function fund(proposalId, reference) {
  try {
    await chat.proposals.fund(proposalId, { reference })
    return true
  } catch (failure) {
    // It has expired; the call that says so comes, and what is held is returned then.
    if (failure.code === 'INVALID_PROPOSAL') return false
    // What is wrong with the proposal itself does not heal: others must not wait behind it.
    if (failure.name === 'IdentityError') return false
    throw failure
  }
}

async function stop() {
  server.close()
  server.closeAllConnections()
  await queue
  await chat.close()
}
