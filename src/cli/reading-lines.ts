// A reading with a budget as JSON lines: the frames, what does not fit cut, and END with what was left out.

import type { Piece } from '../doors/envelope.ts'
import { jsonLine } from '../doors/plain.ts'
import type { Form, Place, Remainder } from '../doors/reading.ts'

/** Of a message that does not fit, less than this says nothing. */
const leastShown = 20

export const jsonLines: Form = {
  head: () => '',
  whole: jsonLine,
  within(piece, _viewer, characters) {
    const whole = jsonLine(piece)
    if (whole.length <= characters) return whole
    return piece.type === 'MSG' ? cutLine(piece, characters) : shortLine(piece, characters)
  },
  tail(remainder, characters) {
    const { left } = remainder
    // As many places as there is room for; how many are left is exact without them.
    for (let count = left.length; count > 0; count--) {
      const line = endLine(remainder, left.slice(0, count))
      if (line.length <= characters) return line
    }
    return endLine(remainder)
  },
}

/** With `cut`: how many characters of the content stand in it, of how many. */
function cutLine(piece: Piece & { readonly type: 'MSG' }, characters: number): string | undefined {
  const { type, ts, from, from_name, to, msg_id, position, auth, in_reply_to, expects } = piece
  const frame = { type, ts, from, from_name, to, msg_id, position, auth, in_reply_to, expects }
  const of = piece.content.length
  const lineOf = (shown: number) => {
    const content = piece.content.slice(0, shown).replace(/[\ud800-\udbff]$/, '')
    return jsonLine({ ...frame, content, cut: { shown: content.length, of } })
  }
  let least = leastShown
  let most = Math.min(of, characters)
  if (most < least || lineOf(least).length > characters) return undefined
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (lineOf(middle).length <= characters) least = middle
    else most = middle - 1
  }
  return lineOf(least)
}

/** Which proposal it is about; `agentchat proposals show` has it whole. */
function shortLine(
  piece: Exclude<Piece, { readonly type: 'MSG' }>,
  characters: number,
): string | undefined {
  const { type, ts, position, proposal_id, status } = piece
  const line = jsonLine({ type, ts, position, proposal_id, status, cut: true })
  return line.length <= characters ? line : undefined
}

function endLine(remainder: Remainder, places?: readonly Place[]): string {
  const { count, next, leftTotal, later, forgotten, isTooSmall } = remainder
  return jsonLine({
    type: 'END',
    count,
    next,
    left: leftTotal,
    later,
    truncated: leftTotal + later > 0,
    forgotten,
    too_small: isTooSmall || undefined,
    left_in: places && Object.fromEntries(places.map(({ where, count }) => [where, count])),
  })
}
