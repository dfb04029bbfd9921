// A shell script as an agent: whatever becomes of it, each message is answered once.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Running } from './kit.ts'
import { eventsOf, ofState, runTown, stop } from './run-kit.ts'

const town = runTown()
const { home, env, serve, isAlive, run, newAgent, script, attach, ask, answersTo } = town

beforeAll(async () => {
  await serve()
  await run(['identity', 'new', 'alice'])
})
afterAll(() => home.close())

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
  await town.killServer()
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
