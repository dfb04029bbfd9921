// Hooks beside a running server: they go on after a restart, end at once, and nobody waits for them.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { realPatience } from '../../src/server/hooks/deliver.ts'
import { fileStates } from '../../src/server/hooks/state.ts'
import { StartError } from '../../src/server/start-error.ts'
import { Receiver, Scene, temporary, webhook } from './kit.ts'

test('a receiver that hangs delays nothing of the log, and stopping ends the call at once', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = ['hang']
  await scene.start([webhook(receiver.url)])
  scene.tell('PROPOSAL', 'one')
  await receiver.had(1)
  for (let count = 0; count < 1_000; count += 1) scene.tell('PROPOSAL', `more-${count}`)
  expect(scene.released).toBe(1)
  await new Promise((resolve) => setImmediate(resolve))
  expect(scene.released).toBe(1_001)
  const closed = new Promise((resolve) => (receiver.onDropped = resolve))
  await scene.stop()
  expect(receiver.calls).toHaveLength(1)
  expect(scene.states.read('books')).toEqual({ position: 0, dead: [] })
  expect(scene.reports).toEqual([])
  await closed
  await scene.start([webhook(receiver.url)])
  expect((await receiver.had(2))[1]?.id).toBe(receiver.calls[0]?.id)
})

test('stopping waits for no pause, and the event is told again after it', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = [503]
  scene.patience = { wait: (_ms, signal) => realPatience.wait(600_000, signal), random: () => 0 }
  await scene.start([webhook(receiver.url)])
  scene.tell('PROPOSAL', 'one')
  await scene.reported('hook-failed')
  await scene.stop()
  await scene.start([webhook(receiver.url)])
  const [first, second] = await receiver.had(2)
  expect(second?.id).toBe(first?.id)
})

test('what was delivered, and not noted before the process died, is delivered again under its id', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  const { states } = scene
  await scene.start([webhook(receiver.url)])
  const first = scene.tell('PROPOSAL', 'one')
  await scene.reached('books', first)
  await scene.stop()
  await states.write('books', { position: 0, dead: [] })
  await scene.start([webhook(receiver.url)])
  const second = scene.tell('PROPOSAL', 'two')
  const ids = (await receiver.had(3)).map(({ id }) => id)
  expect(ids).toEqual([`books.${first}`, `books.${first}`, `books.${second}`])
})

test('a hook that comes back hears of what was while it was away', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  await scene.start([webhook(receiver.url)])
  await scene.stop()
  for (let count = 0; count < 250; count += 1) scene.tell('PROPOSAL', `p-${count}`)
  await scene.start([webhook(receiver.url)])
  const calls = await receiver.had(250)
  expect(calls.map(({ data }) => data.step.position)).toEqual(
    Array.from({ length: 250 }, (_, index) => index + 1),
  )
})

test('the state is a file for its owner alone, whole at any time', async () => {
  const data = temporary()
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  receiver.answers = [404]
  scene.states = fileStates(data)
  await scene.start([webhook(receiver.url)])
  const path = join(data, 'hooks', 'books.json')
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ position: 0, dead: [] })
  await scene.reached('books', scene.tell('PROPOSAL', 'one'))
  expect(readdirSync(join(data, 'hooks'))).toEqual(['books.json'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(data, 'hooks')).mode & 0o777).toBe(0o700)
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ position: 1, dead: [{}] })
})

test.each(['', '{', '[]', '{"position":-1,"dead":[]}', '{"position":1,"dead":[{}]}'])(
  'a state that reads %j is damaged, and the server does not start',
  async (text) => {
    const data = temporary()
    const scene = await Scene.open()
    scene.states = fileStates(data)
    writeFileSync(join(data, 'hooks', 'books.json'), text)
    await expect(scene.start([webhook('http://127.0.0.1/')])).rejects.toThrow(StartError)
  },
)

test('after an older copy of the log was put back, a hook goes on at its end', async () => {
  const scene = await Scene.open()
  await scene.states.write('books', { position: 900, dead: [] })
  const receiver = await Receiver.open()
  await scene.start([webhook(receiver.url)])
  scene.tell('PROPOSAL', 'one')
  await receiver.had(1)
})

test('a hook that fails does not hold up another', async () => {
  const [scene, slow, quick] = [await Scene.open(), await Receiver.open(), await Receiver.open()]
  slow.answers = ['hang']
  await scene.start([webhook(slow.url, { name: 'slow' }), webhook(quick.url, { name: 'quick' })])
  scene.tell('PROPOSAL', 'one')
  scene.tell('PROPOSAL', 'two')
  await quick.had(2)
  expect(slow.calls).toHaveLength(1)
})

test('a fault is loud, costs a moment, and no news', async () => {
  const [scene, receiver] = [await Scene.open(), await Receiver.open()]
  const { page } = scene.log
  await scene.start([webhook(receiver.url)])
  scene.log.page = () => Promise.reject(new Error('the disk is gone'))
  scene.tell('PROPOSAL', 'one')
  expect(await scene.reported('fault')).toMatchObject([{ stack: 'Error: the disk is gone' }])
  scene.log.page = page
  scene.hooks?.wake()
  await receiver.had(1)
})
