// The reference of the protocol is what the declarations say now.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { asks, tells } from '../../src/protocol/frames.ts'
import { referencePage } from '../../src/protocol/reference.ts'

const page = referencePage()

test('the page in the tree is fresh', () => {
  const written = readFileSync(new URL('../../src/protocol/REFERENCE.md', import.meta.url), 'utf8')
  expect(written === page, 'REFERENCE.md is stale: npm run generate').toBe(true)
})

test('it tells of every frame, and links lead somewhere', () => {
  const titles = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title)
  for (const [type, { kind }] of [...Object.entries(asks), ...Object.entries(tells)]) {
    expect(titles).toContain(`${type} (${kind})`)
  }
  const anchors = new Set(
    titles.map((title = '') => title.toLowerCase().replace(/[()]/g, '').replaceAll(' ', '-')),
  )
  const links = [...page.matchAll(/\]\(#(.+?)\)/g)].map(([, anchor = '']) => anchor)
  expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([])
})
