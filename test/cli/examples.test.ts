// Every example of every command's help, run in a shell as it stands.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { tree } from '../../src/cli/tree.ts'
import { AgentChat } from '../../src/client/chat.ts'
import { createIdentity } from '../../src/client/identity.ts'
import { bin, Home, type Result, startServer } from './kit.ts'

const home = new Home()
const env: Record<string, string> = { AGENTCHAT_PORT: '0' }
let helper: AgentChat

beforeAll(async () => {
  const { url } = await startServer(home, ['--data', 'server'])
  env.AGENTCHAT_SERVER = url
  env.PATH = `${shim()}:${process.env.PATH}`
  helper = await helpful(url)
  for (const args of ['identity new me', 'join general', 'send general hello @me']) {
    await home.run(args.split(' '), { env })
  }
})
afterAll(async () => {
  await helper.close()
  await home.close()
})

it('works', { timeout: 120_000 }, async () => {
  for (const example of await examples()) {
    const { code, stderr } = await inShell(example)
    expect({ example, code, stderr: code === 0 ? '' : stderr }).toEqual({
      example,
      code: 0,
      stderr: '',
    })
  }
})

async function examples(): Promise<string[]> {
  const declared = await Promise.all(Object.values(tree).map(({ load }) => load()))
  const commands = declared.flatMap((one) => ('verbs' in one ? Object.values(one.verbs) : [one]))
  for (const { examples, doc } of commands) expect(examples.length, doc).toBeGreaterThan(0)
  return commands.flatMap((command) => command.examples)
}

/** A server runs until it is told to stop; everything else ends by itself. */
async function inShell(example: string): Promise<Result> {
  const isServer = example.startsWith('agentchat serve')
  const running = home.spawn(['bash', '-c', isServer ? `exec ${example}` : example], { env })
  if (isServer) {
    await running.line(({ type }) => type === 'LISTENING')
    running.kill('SIGTERM')
  }
  return await running.ended
}

/** A directory in which the executable is called `agentchat`, as after an installation. */
function shim(): string {
  const directory = join(home.path, 'bin')
  mkdirSync(directory)
  const script = `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`
  writeFileSync(join(directory, 'agentchat'), script, { mode: 0o755 })
  return directory
}

/** An agent that answers questions, and greets who comes. */
async function helpful(server: string): Promise<AgentChat> {
  const chat = await AgentChat.connect({ server, identity: createIdentity('helper') })
  await chat.join('#general', { replay: 0 })
  await chat.send('#general', 'Ask me.')
  chat.on('MSG', ({ from, msg_id, expects }) => {
    if (expects === 'reply') void chat.send(from, '6667', { inReplyTo: msg_id })
  })
  chat.on('PRESENCE_CHANGED', ({ agent_id, presence }) => {
    if (presence === 'online' && agent_id !== chat.id) void chat.send(agent_id, 'welcome')
  })
  return chat
}
