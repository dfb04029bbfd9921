// Programs that do odd things: none of them ends the run that they belong to.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { ofState, runTown, stop } from './run-kit.ts'

const { home, env, serve, run, newAgent, script, attach, ask, answersTo } = runTown()

beforeAll(async () => {
  await serve()
  await run(['identity', 'new', 'alice'])
})
afterAll(() => home.close())

test.each([
  ['bytes that nobody can say', "printf 'a\\000b'", 'answered', ['ab']],
  ['what nobody can see', "printf '\\342\\200\\213'", 'silent', []],
  [
    'a pipe where it should tell its cost',
    'mkfifo "$AGENTCHAT_USAGE_FILE"; echo ok',
    'answered',
    ['ok'],
  ],
])('%s does not end it', async (_what, text, state, answers) => {
  const bot = await newAgent()
  const running = attach(bot, script(text))
  const id = await ask(bot, 'well?', '--expects', 'reply')
  await running.line(ofState(state, id))
  expect((await stop(running)).code).toBe(143)
  expect(await answersTo(bot, id)).toEqual(answers)
})

test('a token in a variable is refused: the program could not speak with it', async () => {
  const bot = await newAgent()
  const { lines } = await run(['token', 'create', '-i', bot, '--scope', 'read,send'])
  const made = lines.find(({ type }) => type === 'TOKEN')
  const given = { env: { ...env, AGENTCHAT_TOKEN: String(made?.token) } }
  const { code, last } = await home.run(['run', '--', 'cat'], given)
  expect([code, last]).toMatchObject([
    2,
    { code: 'USAGE', hint: expect.stringContaining('--token-file') },
  ])
})
