// Gists: what tells that two texts say nearly the same, however their words were changed here and there.

/** Shorter texts are alike by chance. */
const leastCharacters = 60
const leastWords = 8
/** Longer texts are told by their beginning. */
const mostCharacters = 8_192
const wordsPerShingle = 3
const charactersPerPiece = 4
const bands = 4
const rowsPerBand = 3
/** Odd numbers that scatter a hash each in its own way (the fractional bits of small roots). */
const scatters = [
  0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1, 0xb5297a4d, 0x68e31da5, 0x1b56c4e9,
  0x7feb352d, 0x846ca68b, 0xd1b54a33, 0xaef17503,
]

/**
 * The gists of a text: MinHash over shingles of words, in bands. Two texts that share nine tenths of their shingles share
 * a gist almost always, two that share a fifth almost never.
 *
 * @returns nothing for a short text
 */
export function gistsOf(content: string): string[] {
  if (content.length < leastCharacters) return []
  const pieces = piecesOf(content.slice(0, mostCharacters).toLowerCase())
  if (pieces.length < leastWords) return []
  const least = new Uint32Array(bands * rowsPerBand).fill(0xffffffff)
  for (let at = 0; at + wordsPerShingle <= pieces.length; at++) {
    const hash = hashOf(pieces.slice(at, at + wordsPerShingle).join(' '))
    for (const [row, scatter] of scatters.entries()) {
      const scattered = scatter === undefined ? 0 : mixed(hash, scatter)
      if (scattered < (least[row] ?? 0)) least[row] = scattered
    }
  }
  return Array.from({ length: bands }, (_, band) => {
    const rows = least.subarray(band * rowsPerBand, (band + 1) * rowsPerBand)
    return `${band}.${[...rows].map((row) => row.toString(36)).join('.')}`
  })
}

/** The words; of a script that does not part them, pieces of equal length. */
function piecesOf(text: string): string[] {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length >= leastWords) return words
  const whole = words.join('')
  const pieces: string[] = []
  for (let at = 0; at < whole.length; at += charactersPerPiece) {
    pieces.push(whole.slice(at, at + charactersPerPiece))
  }
  return pieces
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}

function mixed(hash: number, scatter: number): number {
  const scattered = Math.imul(hash ^ (hash >>> 15), scatter)
  return (scattered ^ (scattered >>> 13)) >>> 0
}
