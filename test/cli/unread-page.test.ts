// What fits on a page of what is unread: in the order of the log, though messages are printed before news.

import { expect, test } from 'vitest'
import { Output, type Row } from '../../src/cli/output.ts'
import { type Told, UnreadPage } from '../../src/cli/unread-page.ts'

const output = new Output({ json: true, quiet: false, verbose: false })

function row(position: number): () => Row {
  return () => ({ frame: { position }, text: String(position) })
}

/** A page of `limit` after position 10, with pieces such as `m11` (a message), `n12` (news), and `own13`. */
function pageOf(limit: number, ...pieces: readonly string[]): UnreadPage {
  const page = new UnreadPage(output, { limit, read: 10 })
  for (const piece of pieces) {
    const [, what, digits] = /^(m|n|own)(\d+)$/.exec(piece) ?? []
    const position = Number(digits)
    const kind: Told['kind'] = what === 'n' ? 'news' : 'message'
    page.take({ kind, position, isOwn: what === 'own' }, row(position))
  }
  return page
}

test('what was read before, and what is one’s own, takes no room', () => {
  expect(pageOf(2, 'm9', 'n10', 'own11', 'm12', 'own13', 'n14', 'own15')).toMatchObject({
    count: 2,
    left: 0,
    next: 15,
  })
})

test('once something did not fit, nothing after it counts as read', () => {
  const page = pageOf(2, 'n11', 'm12', 'm13', 'own14', 'n15')
  expect(page).toMatchObject({ count: 2, left: 2, next: 12 })
  expect(pageOf(1, 'own11', 'n12', 'own13', 'm14')).toMatchObject({ count: 1, left: 1, next: 13 })
})

test('a row is made only for what may be printed', () => {
  const page = pageOf(1, 'm11', 'm12')
  const never = () => {
    throw new Error('made')
  }
  page.take({ kind: 'news', position: 13, isOwn: false }, never)
  page.take({ kind: 'message', position: 14, isOwn: true }, never)
  expect(page).toMatchObject({ count: 1, left: 2, next: 11 })
})
