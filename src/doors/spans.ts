// Spans of time in words.

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** Such as "7 days": in the largest unit that tells it exactly. */
export function spanText(seconds: number): string {
  const { count, unit } = measured(seconds)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** The same as it is typed: "7d". */
export function shortSpan(seconds: number): string {
  const { count, unit } = measured(seconds)
  return `${count}${unit.slice(0, 1)}`
}

function measured(seconds: number): { readonly count: number; readonly unit: string } {
  const found = units.find(([, length]) => seconds >= length && seconds % length === 0)
  const [unit, length] = found ?? (['second', 1] as const)
  return { count: seconds / length, unit }
}
