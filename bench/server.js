// The server under measurement, in a process of its own, with limits that do not limit.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveOptions } from '../dist/server/config.js'
import { startServer } from '../dist/server/serve.js'
import { answerForParent } from './measured.js'

const limits = { rate: '1000000', burst: '1000000', budgets: 'off' }
const data = mkdtempSync(join(tmpdir(), 'agentchat-bench-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))
const durability = process.argv[2]
const server = await startServer(resolveOptions({ ...limits, port: '0', data, durability }))
answerForParent(server.port)
