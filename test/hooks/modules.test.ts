// A hook that is a module: loaded at the start, told the same as one over HTTPS, and held to the same.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { backoffMs } from '../../src/server/hooks/deliver.ts'
import type { HookOptions } from '../../src/server/hooks/options.ts'
import { readHooks } from '../../src/server/hooks/options.ts'
import { StartError } from '../../src/server/start-error.ts'
import { hurry, Scene, temporary, writeHooks } from './kit.ts'

/** The options of a hook whose module says this; what it hears lands in a list that goes by its name. */
function moduleHook(name: string, text: string): readonly HookOptions[] {
  const path = temporary()
  writeFileSync(join(path, 'hook.mjs'), text, { mode: 0o644 })
  return readHooks(writeHooks(path, [{ name, on: ['created'], module: './hook.mjs' }]))
}

function heardBy(name: string): unknown[] {
  const heard: unknown[] = []
  Reflect.set(globalThis, name, heard)
  onTestFinished(() => void Reflect.deleteProperty(globalThis, name))
  return heard
}

test('a module is told the event and the name of the server', async () => {
  const heard = heardBy('quiet')
  const scene = await Scene.open()
  await scene.start(
    moduleHook(
      'quiet',
      'export async function hook(event, { server }) { quiet.push({ ...event, server }) }',
    ),
  )
  const position = scene.tell('PROPOSAL', 'one')
  await scene.reached('quiet', position)
  expect(heard).toMatchObject([
    { id: `quiet.${position}`, type: 'proposal.created', server: 'chat.example' },
  ])
})

test('what it throws is a failed attempt, and its words are told nobody', async () => {
  const heard = heardBy('loud')
  const scene = await Scene.open()
  const patience = hurry()
  scene.patience = patience
  const text = `export const hook = (event) => {
    loud.push(event.id)
    event.data.step = null
    if (loud.length < 3) throw new TypeError(JSON.stringify(event.data.proposal))
    if (loud.length === 4) return Promise.reject('secret')
  }`
  await scene.start(moduleHook('loud', text))
  const first = scene.tell('PROPOSAL', 'one', { task: 'secret' })
  const second = scene.tell('PROPOSAL', 'two')
  await scene.reached('loud', second)
  expect(heard).toEqual([
    ...Array<string>(3).fill(`loud.${first}`),
    ...Array<string>(2).fill(`loud.${second}`),
  ])
  expect(await scene.reported('hook-failed', 3)).toMatchObject([{ reason: 'TypeError' }, {}, {}])
  expect(JSON.stringify(scene.reports)).not.toMatch('secret')
})

test('one that never ends is a dead letter in the end, and stopping does not wait for it', async () => {
  const heard = heardBy('stuck')
  const scene = await Scene.open()
  scene.limitMs = 5
  await scene.start(
    moduleHook(
      'stuck',
      'export function hook({ id }) { stuck.push(id); return new Promise(() => {}) }',
    ),
  )
  await scene.reached('stuck', scene.tell('PROPOSAL', 'one'))
  expect(heard).toHaveLength(1 + backoffMs.length)
  expect(scene.states.read('stuck')?.dead).toMatchObject([{ reason: 'TIME_LIMIT', attempts: 6 }])
  await scene.stop()
  scene.limitMs = 600_000
  await scene.start(moduleHook('stuck', 'export const hook = () => new Promise(() => {})'))
  scene.tell('PROPOSAL', 'two')
  await scene.stop()
})

test.each([
  ['does not parse', 'export function hook('],
  ['throws when it is loaded', 'throw new Error("no")'],
  ['has no hook', 'export const hooks = () => {}'],
  ['has a hook that is no function', 'export const hook = 1'],
])('a module that %s keeps the server from starting', async (_what, text) => {
  const scene = await Scene.open()
  const starting = scene.start(moduleHook('odd', text))
  await expect(starting).rejects.toThrow(StartError)
  await expect(starting).rejects.toThrow(/hook "odd"/)
})
