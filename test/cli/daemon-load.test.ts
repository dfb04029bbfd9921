// What a command loads that a daemon runs: its own few files, and none of the packages that make a start slow.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { Caller } from './daemon-kit.ts'
import { bin, Home, startServer } from './kit.ts'

const home = new Home()
afterAll(() => home.close())

const hooks = `
  import { writeSync } from 'node:fs'
  export async function load(url, context, next) {
    writeSync(2, 'loads ' + url + '\\n')
    return next(url, context)
  }
`

/** The files that a command loads, without where they lie. */
async function loads(caller: Caller, args: readonly string[]): Promise<string[]> {
  const file = join(home.path, 'hooks.mjs')
  const register = join(home.path, 'register.mjs')
  writeFileSync(file, hooks)
  writeFileSync(
    register,
    `import { register } from 'node:module'; register(${JSON.stringify(pathToFileURL(file).href)})`,
  )
  const node = [process.execPath, '--import', pathToFileURL(register).href]
  const { stderr, code } = await home.spawn([...node, bin, ...caller.words(args)]).ended
  expect(code).toBe(0)
  return [...stderr.matchAll(/^loads (file:.*)$/gm)].map(([, url = '']) =>
    url.replace(/^.*\/(dist|bin|node_modules)\//, '$1/'),
  )
}

it('a command that a daemon runs loads no package, and nothing of the program', async () => {
  const { url } = await startServer(home)
  const bot = await Caller.made(home, 'bot', url)
  const { running } = await bot.daemon()
  const through = await loads(bot, ['send', `@bot`, 'hello'])
  expect(through.filter((path) => path.startsWith('node_modules/'))).toEqual([])
  expect(through.toSorted()).toEqual([
    'bin/agentchat.js',
    'dist/cli/daemon/calling.js',
    'dist/cli/daemon/lines.js',
    'dist/cli/daemon/passing.js',
    'dist/cli/daemon/place.js',
    'dist/cli/environment.js',
    'dist/cli/home.js',
    'dist/cli/main.js',
    'dist/cli/signals.js',
    'dist/version.js',
  ])
  // The same look at a command without it sees them.
  const direct = await loads(bot, ['send', `@bot`, 'hello', '--daemon', 'off'])
  expect(direct.some((path) => path.startsWith('node_modules/ws/'))).toBe(true)
  running.kill('SIGTERM')
  await running.ended
})
