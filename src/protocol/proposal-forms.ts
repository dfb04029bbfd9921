// How texts of proposals are written: amounts, so that no two readers differ, and the beginning of a task for lists.

/** Whether a text is an amount of version 1: a decimal such as `5` or `0.05`, without sign, exponent or spare zeros. */
export function isAmount(text: string): boolean {
  return /^(0|[1-9]\d{0,29})(\.\d{1,18})?$/.test(text)
}

/** Characters of a task that lists show. */
const excerptCharacters = 200

/** The beginning of a task, as lists show it. */
export function excerptOf(task: string): string {
  return [...task].slice(0, excerptCharacters).join('')
}
