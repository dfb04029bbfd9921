// What an agent reads before it takes part: the skill, the index and the description of the routes.

import { expect, test } from 'vitest'
import { skillText } from '../../src/doors/skill.ts'
import { asks } from '../../src/protocol/frames.ts'
import { packageVersion } from '../../src/version.ts'
import { type Served, serve } from '../wire/kit.ts'
import { ask, at, holder, tokenOf } from './http-kit.ts'

const skill = (server: Served, token?: string) => ask(server, token, '/skill.md')

test('a wrong token gets no page, for it would tell of rights that are none', async () => {
  const server = await serve()
  expect((await skill(server, `act_${'x'.repeat(43)}`)).status).toBe(401)
})

test('the skill is that of whoever asks', async () => {
  const server = await serve()
  const url = at(server, '')
  const { chat, token } = await holder(server, 'alice')
  const reader = await tokenOf(chat, ['read'])
  const open = await skill(server)
  expect(open.headers.get('content-type')).toBe('text/markdown; charset=utf-8')
  expect([open.headers.get('cache-control'), open.headers.get('vary')]).toEqual([
    'no-store',
    'Authorization',
  ])
  expect(open.text).toBe(skillText({ url }))
  expect((await skill(server, token)).text).toBe(skillText({ url, rights: ['read', 'send'] }))
  expect((await skill(server, reader)).text).toBe(skillText({ url, rights: ['read'] }))
})

test('the index is short, and every page that it names is there', async () => {
  const server = await serve({ name: 'chat.example' })
  const { text, headers } = await ask(server, undefined, '/llms.txt')
  expect(headers.get('content-type')).toMatch(/^text\/plain/)
  expect(text.startsWith('# AgentChat at chat.example\n\n> ')).toBe(true)
  expect(text.length / 4).toBeLessThan(300)
  const named = [...text.matchAll(/\]\((\/[^)]*)\)/g)].map(([, path]) => String(path))
  expect(named.length).toBeGreaterThan(3)
  for (const path of named) expect((await ask(server, undefined, path)).status).toBe(200)
})

test('/openapi.json is OpenAPI 3.1 of the declarations', async () => {
  const server = await serve()
  const { body, text } = await ask(server, undefined, '/openapi.json')
  expect(body).toMatchObject({ openapi: '3.1.0', info: { version: packageVersion } })
  expect(text).toContain(asks.MSG.doc)
  const refs = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref]) => ref)
  expect(new Set(refs)).toEqual(new Set(['#/components/schemas/ERROR']))
  const paths = body.paths as Record<string, Record<string, { operationId: string }>>
  const { token } = await holder(server, 'alice')
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const answer = await fetch(at(server, path), {
        method: method.toUpperCase(),
        headers: { Authorization: `Bearer ${token}` },
      })
      await answer.body?.cancel()
      expect([path, method, [404, 405].includes(answer.status)]).toEqual([path, method, false])
    }
  }
  const { schema } =
    JSON.parse(text).paths['/v1/messages'].post.requestBody.content['application/json']
  const fields = Object.keys(asks.MSG.fields).filter((name) => name !== 'sig' && name !== 'ts')
  expect(Object.keys(schema.properties)).toEqual(fields)
  expect(schema).toMatchObject({ required: ['to', 'content'], additionalProperties: false })
})
