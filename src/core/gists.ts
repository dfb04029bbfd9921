// Gists: what tells that two texts say nearly the same, however their words were changed here and there.

/** Shorter texts are alike by chance. */
const leastCharacters = 60
const leastWords = 8
/** Longer texts are told by their beginning. */
const mostCharacters = 8_192
const charactersPerPiece = 4
const bands = 4
const rowsPerBand = 3
/** Odd numbers that scatter a hash each in its own way. */
const scatters = Int32Array.of(
  ...[0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1, 0xb5297a4d],
  ...[0x68e31da5, 0x1b56c4e9, 0x7feb352d, 0x846ca68b, 0xd1b54a33, 0xaef17503],
)
const prime = 0x01000193
const start = 0x811c9dc5

/**
 * The gists of a text: MinHash over three words in a row each, in bands. Two texts that share nine tenths of these share
 * a gist almost always, two that share a fifth almost never. Every message to a channel passes here, so it is one pass
 * without a text of its own for each word.
 *
 * @returns nothing for a short text
 */
export function gistsOf(content: string): string[] {
  if (content.length < leastCharacters) return []
  const text = content.slice(0, mostCharacters).toLowerCase()
  const words = hashesOf(text, Number.POSITIVE_INFINITY)
  const pieces = words.length < leastWords ? hashesOf(text, charactersPerPiece) : words
  if (pieces.length < leastWords) return []
  const least = new Uint32Array(bands * rowsPerBand).fill(0xffffffff)
  for (let at = 2; at < pieces.length; at++) {
    const three = joined(pieces[at - 2], pieces[at - 1], pieces[at])
    for (let row = 0; row < scatters.length; row++) {
      const scattered = scatter(three, scatters[row] ?? prime)
      if (scattered < (least[row] ?? 0)) least[row] = scattered
    }
  }
  return Array.from({ length: bands }, (_, band) => {
    const row = band * rowsPerBand
    const joint = joined(least[row], least[row + 1], least[row + 2]) >>> 0
    return `${band}.${joint.toString(36)}`
  })
}

/**
 * The hash of each word (FNV-1a, 32 bits).
 *
 * @param most a word of more characters is taken for several, for some scripts do not part them
 */
function hashesOf(text: string, most: number): number[] {
  const hashes: number[] = []
  let hash = start
  let length = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0
    const isInWord = code > 127 || (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
    if (isInWord) {
      hash = Math.imul(hash ^ code, prime)
      length += 1
    }
    if (length > 0 && (!isInWord || length === most)) {
      hashes.push(hash)
      hash = start
      length = 0
    }
  }
  return hashes
}

function joined(first = 0, second = 0, third = 0): number {
  return Math.imul(Math.imul(Math.imul(first, prime) ^ second, prime) ^ third, prime)
}

function scatter(hash: number, by: number): number {
  const scattered = Math.imul(hash ^ (hash >>> 15), by)
  return (scattered ^ (scattered >>> 13)) >>> 0
}
