// The log fails: the server stops, and nobody is told of what is not durable.

import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/log/sqlite/driver.ts'
import { LOG_FILE } from '../../src/log/sqlite/schema.ts'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'
import { anon, connect, serve } from './kit.ts'

test.each(['full', 'normal'])('with --durability %s', async (durability) => {
  const data = await temporaryDirectory()
  onTestFinished(() => removeDirectory(data))
  const server = await serve({ durability, data })
  const [one, other] = [await anon(server, 'alice'), await anon(server, 'bob')]
  for (const peer of [one, other]) await peer.ask({ type: 'JOIN', channel: '#general' })
  await one.ask({ type: 'MSG', to: '#general', content: 'before' })
  await other.next('MSG')

  const database = openDatabase(join(data, LOG_FILE))
  database.exec('DROP TABLE places')
  database.close()
  one.send({ type: 'MSG', to: '#general', content: 'lost', ref: 'm' })
  await expect(server.stopped).rejects.toMatchObject({ code: expect.stringMatching(/^LOG_/) })
  for (const peer of [one, other]) {
    await peer.closed
    expect(peer.heard.filter(({ content, ref }) => content === 'lost' || ref === 'm')).toEqual([])
  }
  expect(server.reports.filter(({ name }) => name === 'log-failed')).toHaveLength(1)
  await expect(connect(server)).rejects.toThrow(/ECONNREFUSED/)
  await server.stop()
})
