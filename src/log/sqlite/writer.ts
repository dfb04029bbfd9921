// The thread that owns the database: commits what waits, and answers between commits.

import { join } from 'node:path'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { explain } from './explain.ts'
import type {
  Batch,
  Complaint,
  FromWriter,
  Opening,
  Question,
  ToWriter,
  WriterSettings,
} from './messages.ts'
import { LOG_FILE } from './schema.ts'
import { openStore, type Store } from './store.ts'

/** Questions are answered for this long before the next commit is looked for. */
const ANSWERING_MS = 2

type Job = { readonly id: number; readonly steps: Generator<void> }

if (parentPort === null) throw new Error('The writer of the log runs as a worker thread only.')
const port = parentPort
// The cast: the only one who starts this thread is thread.ts.
const settings = workerData as WriterSettings
const logPath = join(settings.directory, LOG_FILE)

const batches: Batch[] = []
const questions: Question[] = []
const jobs: Job[] = []
let isClosing = false
let hasFailed = false

open()

function open(): void {
  try {
    const store = openStore(settings)
    port.on('message', (message: ToWriter) => {
      take(message)
      work(store)
    })
    tell({ kind: 'opened', last: store.last })
  } catch (error) {
    tell({ kind: 'refused', complaint: complain(error) })
    port.close()
  }
}

/** Goes round until nothing is left. In each round commits come first, and all get a share. */
function work(store: Store): void {
  do {
    drain()
    commit(store)
    answer(store)
    step()
  } while (batches.length > 0 || questions.length > 0 || jobs.length > 0)
  if (isClosing) close(store)
}

function drain(): void {
  for (;;) {
    const received = receiveMessageOnPort(port)
    if (received === undefined) return
    // The cast: the other end of the port is thread.ts.
    take(received.message as ToWriter)
  }
}

function take(message: ToWriter): void {
  if (message.kind === 'commit') batches.push(message.batch)
  else if (message.kind === 'close') isClosing = true
  // After a failure nobody waits for answers any more, and a snapshot would tell of lost entries.
  else if (!hasFailed) questions.push(message.question)
}

function commit(store: Store): void {
  const waiting = batches.splice(0)
  const newest = waiting.at(-1)
  if (newest === undefined || hasFailed) return
  try {
    store.commit(waiting)
    tell({ kind: 'durable', number: newest.number })
  } catch (error) {
    // A later batch must not become durable when an earlier one is not.
    hasFailed = true
    questions.length = 0
    tell({ kind: 'failed', complaint: complain(error) })
  }
}

function answer(store: Store): void {
  const end = performance.now() + ANSWERING_MS
  do {
    const question = questions.shift()
    if (question === undefined) return
    reply(store, question)
  } while (performance.now() < end)
}

function reply(store: Store, question: Question): void {
  const { id } = question
  try {
    if (question.verb === 'forget') jobs.push({ id, steps: store.forget(question.argument) })
    else tell({ kind: 'answer', id, value: ask(store, question) })
  } catch (error) {
    tell({ kind: 'noAnswer', id, complaint: complain(error) })
  }
}

function ask(store: Store, question: Exclude<Question, { verb: 'forget' }>): unknown {
  switch (question.verb) {
    case 'page':
      return store.history.page(question.argument)
    case 'count':
      return store.history.count(question.argument)
    case 'find':
      return store.history.find(question.argument)
    case 'positionAt':
      return store.history.positionAt(question.argument)
    case 'newestSnapshot':
      return store.newestSnapshot()
    case 'entriesAfter':
      return store.entriesAfter(question.argument)
    case 'freeze':
      return store.freeze(question.argument)
  }
}

/** One step of the oldest job. A log that closes leaves the rest to the next job. */
function step(): void {
  const job = jobs[0]
  if (job === undefined) return
  try {
    if (!isClosing && job.steps.next().done !== true) return
    tell({ kind: 'answer', id: job.id, value: undefined })
  } catch (error) {
    tell({ kind: 'noAnswer', id: job.id, complaint: complain(error) })
  }
  jobs.shift()
}

function close(store: Store): void {
  try {
    store.close()
    tell({ kind: 'closed' })
  } catch (error) {
    tell({ kind: 'failed', complaint: complain(error) })
  }
  port.close()
}

function complain(error: unknown): Complaint {
  const { code, message } = explain(error, logPath)
  return { code, message }
}

function tell(message: FromWriter | Opening): void {
  port.postMessage(message)
}
