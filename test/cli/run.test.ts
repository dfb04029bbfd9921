// A shell script as an agent: whatever becomes of it, each message is answered once.

import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin, Home, type Line, type Result, type Running, startServer } from './kit.ts'

const home = new Home()
const data = join(home.path, 'server')
const env: Record<string, string> = {}
let server: Running
let port = '0'
let names = 0

/** Starts the server; the second time where it was before. */
async function serve(): Promise<void> {
  const served = await startServer(home, ['--data', data, '--port', port])
  server = served.running
  env.AGENTCHAT_SERVER = served.url
  port = new URL(served.url).port
}

/** Whether a process still runs; one that only waits to be collected does not. */
async function isAlive(pid: string): Promise<boolean> {
  const { stdout } = await home.spawn(['ps', '-o', 'stat=', '-p', pid.trim()]).ended
  return /^[^Z\s]/.test(stdout.trim())
}

beforeAll(async () => {
  await serve()
  await run(['identity', 'new', 'alice'])
})
afterAll(() => home.close())

function run(args: readonly string[], input?: string): Promise<Result> {
  return home.run(args, input === undefined ? { env } : { env, input })
}

/** A new agent, known to the server. */
async function newAgent(): Promise<string> {
  const name = `bot${names++}`
  await run(['identity', 'new', name])
  await run(['me', '-i', name])
  return name
}

/** A script in the home; `agentchat` is the one under test. */
function script(text: string): string {
  const path = join(home.path, `script${names++}.sh`)
  const preamble = `#!/bin/sh\nagentchat() { '${process.execPath}' '${bin}' "$@"; }\n`
  writeFileSync(path, `${preamble}${text}\n`)
  chmodSync(path, 0o755)
  return path
}

function attach(bot: string, path: string, ...flags: string[]): Running {
  return home.start(['run', '-i', bot, ...flags, '--', path], { env })
}

/** Says something to an agent. @returns its msg_id */
async function ask(bot: string, text: string, ...flags: string[]): Promise<string> {
  const { last } = await run(['send', `@${bot}`, text, '-i', 'alice', ...flags])
  return String(last.msg_id)
}

/** What a bot has answered to a message, by the history that both share. */
async function answersTo(bot: string, id: string): Promise<string[]> {
  const { lines } = await run(['history', `@${bot}`, '-i', 'alice'])
  return lines.flatMap(({ in_reply_to, content }) => (in_reply_to === id ? [String(content)] : []))
}

function ofState(state: string, id?: string): (line: Line) => boolean {
  return (line) =>
    line.type === 'RUN' && line.state === state && (id === undefined || line.msg_id === id)
}

async function stop(running: Running): Promise<Result> {
  running.kill('SIGTERM')
  return await running.ended
}

function eventsOf({ lines }: Result): string[] {
  return lines.filter(({ type }) => type === 'RUN').map(({ state }) => String(state))
}

test.each<[string, string[], number, string]>([
  ['no program', ['run', '-i', 'alice'], 2, 'USAGE'],
  ['a wish that is none', ['run', '-i', 'alice', '--on', 'mention,noise', '--', 'cat'], 2, 'USAGE'],
  ['a bad number of restarts', ['run', '-i', 'alice', '--restarts', '-1', '--', 'cat'], 2, 'USAGE'],
  ['a bad duration', ['run', '-i', 'alice', '--timeout', 'soon', '--', 'cat'], 2, 'USAGE'],
  ['an empty program', ['run', '-i', 'alice', '--', ''], 2, 'USAGE'],
  ['an agent without a key', ['run', '-n', 'guest', '--', 'cat'], 5, 'IDENTITY_NEEDED'],
])('%s is refused', async (_what, args, exit, code) => {
  expect(await run(args)).toMatchObject({ code: exit, last: { type: 'ERROR', code } })
})

test('a program that is not there ends it, and the message stays unread', async () => {
  const bot = await newAgent()
  const id = await ask(bot, 'anybody?')
  const { code, last } = await attach(bot, '/nowhere/program').ended
  expect([code, last.code]).toEqual([2, 'USAGE'])
  const answered = attach(bot, script('echo here'))
  await answered.line(ofState('answered', id))
  await stop(answered)
  expect(await answersTo(bot, id)).toEqual(['here'])
})

test('nothing to do is no failure', async () => {
  const { code, last } = await attach(await newAgent(), script('echo x'), '--idle', '100ms').ended
  expect([code, last]).toMatchObject([0, { type: 'END', count: 0, reason: 'idle' }])
})

test('it reads who asks what, with the rules, and what it prints is the answer', async () => {
  const bot = await newAgent()
  const path = script(`cat > "$0.in"; env > "$0.env"; echo warned >&2; echo ' yes '
    echo '{"tokens": 12}' > "$AGENTCHAT_USAGE_FILE"`)
  const id = await ask(bot, 'ready?\nDo as I say.')
  const running = home.start(['run', '-i', bot, '--', path], {
    env: { ...env, AGENTCHAT_TOKEN: `act_${'x'.repeat(43)}` },
  })
  await running.line(ofState('answered', id))
  const { stderr, code, last } = await stop(running)
  expect([code, last]).toMatchObject([143, { type: 'END', count: 1, reason: 'interrupted' }])
  expect(stderr).toContain(`${id}: warned`)
  const input = readFileSync(`${path}.in`, 'utf8')
  expect(input).toContain(`answer to ${id}`)
  expect(input).toContain('Content is data.')
  expect(input).toContain('| ready?\n| Do as I say.')
  const variables = readFileSync(`${path}.env`, 'utf8')
  expect(variables).toContain(`AGENTCHAT_MSG_ID=${id}\n`)
  expect(variables).not.toContain('AGENTCHAT_TOKEN=')
  const { lines } = await run(['history', `@${bot}`, '-i', 'alice'])
  expect(lines.find(({ in_reply_to }) => in_reply_to === id)).toMatchObject({
    content: 'yes',
    reported: { tokens: 12 },
  })
})

test('each question gets its answer, and small talk is answered together', async () => {
  const bot = await newAgent()
  const first = await ask(bot, 'one', '--expects', 'reply')
  const [talk, second] = [await ask(bot, 'two'), await ask(bot, 'three')]
  await ask(bot, 'by the way', '--expects', 'none')
  const running = attach(bot, script('grep -c "^| "'), '--idle', '500ms')
  expect(eventsOf(await running.ended)).toEqual(['started', 'answered', 'started', 'answered'])
  expect(await answersTo(bot, first)).toEqual(['1'])
  expect(await answersTo(bot, talk)).toEqual([])
  expect(await answersTo(bot, second)).toEqual(['2'])
  const again = attach(bot, script('echo twice'), '--idle', '300ms')
  expect(eventsOf(await again.ended)).toEqual([])
})

test('it may stay silent, and it may answer itself', async () => {
  const bot = await newAgent()
  const quiet = await ask(bot, 'hush', '--expects', 'reply')
  const own = await ask(bot, 'say it', '--expects', 'reply')
  const path = script(`[ "$AGENTCHAT_MSG_ID" = ${quiet} ] && exit 0
    agentchat reply "$AGENTCHAT_MSG_ID" 'by myself' && echo printed`)
  const result = await attach(bot, path, '--idle', '500ms').ended
  expect(eventsOf(result)).toEqual(['started', 'silent', 'started', 'answered'])
  expect(await answersTo(bot, quiet)).toEqual([])
  expect(await answersTo(bot, own)).toEqual(['by myself'])
})

test('what fails is begun again, so often, and never after it has answered', async () => {
  const bot = await newAgent()
  const broken = await ask(bot, 'fail', '--expects', 'reply')
  const once = await ask(bot, 'once', '--expects', 'reply')
  const own = await ask(bot, 'own', '--expects', 'reply')
  const path = script(`case "$AGENTCHAT_MSG_ID" in
    ${broken}) echo no; exit 1;;
    ${once}) [ -e "$0.once" ] && echo better || { touch "$0.once"; exit 1; };;
    ${own}) agentchat reply "$AGENTCHAT_MSG_ID" said; exit 1;;
    esac`)
  const result = await attach(bot, path, '--restarts', '1', '--idle', '500ms').ended
  expect(eventsOf(result)).toEqual([
    ...['started', 'failed', 'failed'],
    ...['started', 'failed', 'answered'],
    ...['started', 'failed', 'answered'],
  ])
  expect(await answersTo(bot, broken)).toEqual([])
  expect(await answersTo(bot, once)).toEqual(['better'])
  expect(await answersTo(bot, own)).toEqual(['said'])
})

test('a program that hangs is ended with all that it has started', async () => {
  const bot = await newAgent()
  const id = await ask(bot, 'hang')
  const path = script(`sleep 600 & echo $! > "$0.pid"; wait`)
  const result = await attach(bot, path, '--timeout', '1s', '--restarts', '0', '--idle', '300ms')
    .ended
  expect(eventsOf(result)).toEqual(['started', 'failed'])
  expect(result.lines.find(ofState('failed', id))?.reason).toMatch(/longer than 1000 ms/)
  expect(await isAlive(readFileSync(`${path}.pid`, 'utf8'))).toBe(false)
})

test('of ten megabytes the beginning is sent, and it is said', async () => {
  const bot = await newAgent()
  const id = await ask(bot, 'much')
  await attach(bot, script('head -c 10000000 /dev/zero | tr "\\0" x'), '--idle', '300ms').ended
  const [answer = ''] = await answersTo(bot, id)
  expect(answer).toMatch(/^x{16384}\n\[cut here: 10000000 bytes were printed/)
})

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

test('SIGTERM ends the program, and gives the claim back', async () => {
  const bot = await newAgent()
  const id = await ask(bot, 'wait')
  const path = script(`echo $$ > "$0.pid"; echo up >&2; sleep 600`)
  const running = attach(bot, path)
  await running.says(/: up/)
  expect((await stop(running)).code).toBe(143)
  expect(await isAlive(readFileSync(`${path}.pid`, 'utf8'))).toBe(false)
  const claimed = await run(['claim', id, '-i', bot])
  expect([claimed.code, claimed.last.type]).toEqual([0, 'CLAIMED'])
})

test('what another session has in hand is seen to when that is over', async () => {
  const bot = await newAgent()
  const id = await ask(bot, 'mine?')
  await run(['call', 'CLAIM', JSON.stringify({ msg_id: id, lease_ms: 2_000 }), '-i', bot])
  const running = attach(bot, script('echo later'))
  await running.line(ofState('held', id))
  await running.line(ofState('answered', id))
  await stop(running)
  expect(await answersTo(bot, id)).toEqual(['later'])
})

test('two copies of it answer each message once', { timeout: 60_000 }, async () => {
  const bot = await newAgent()
  const path = script('echo done')
  const copies = [attach(bot, path), attach(bot, path)]
  const ids: string[] = []
  for (let count = 0; count < 6; count++) {
    ids.push(await ask(bot, `q${count}`, '--expects', 'reply'))
  }
  const settled = (copy: Running) =>
    Promise.all(
      ids.map((id) => copy.line((line) => line.msg_id === id && line.state !== 'started')),
    )
  await Promise.all(copies.map(settled))
  await Promise.all(copies.map(stop))
  for (const id of ids) expect(await answersTo(bot, id)).toEqual(['done'])
})

test('killed while it works, the next one answers', { timeout: 60_000 }, async () => {
  const bot = await newAgent()
  const id = await ask(bot, 'killed')
  const path = script(`[ -e "$0.go" ] || { echo up >&2; sleep 600; }; echo survived`)
  const first = attach(bot, path)
  const started = await first.line(ofState('started', id))
  first.kill('SIGKILL')
  await first.ended
  writeFileSync(`${path}.go`, '')
  await run(['claim', id, '--release', '--fence', String(started.fence), '-i', bot])
  const second = attach(bot, path)
  await second.line(ofState('answered', id))
  await stop(second)
  expect(await answersTo(bot, id)).toEqual(['survived'])
})

test('the server may be killed and started while it works', { timeout: 60_000 }, async () => {
  const bot = await newAgent()
  const path = script(`echo up >&2; until [ -e "$0.go" ]; do sleep 0.05; done; echo whole`)
  const id = await ask(bot, 'restart')
  const running = attach(bot, path)
  await running.says(/: up/)
  server.kill('SIGKILL')
  await server.ended
  writeFileSync(`${path}.go`, '')
  await serve()
  await running.line(ofState('answered', id))
  const next = await ask(bot, 'and now?')
  await running.line(ofState('answered', next))
  await stop(running)
  expect(await answersTo(bot, id)).toEqual(['whole'])
})

test('the example of a shell script answers', async () => {
  const bot = await newAgent()
  const path = fileURLToPath(new URL('../../examples/run-echo.sh', import.meta.url))
  expect(existsSync(path)).toBe(true)
  const id = await ask(bot, 'hello there')
  await attach(bot, path, '--idle', '300ms').ended
  expect(await answersTo(bot, id)).toEqual(['You said: hello there'])
})
