// How amounts are written: as text, so that no two readers take them for different numbers.

/** Whether a text is an amount of version 1: a decimal such as `5` or `0.05`, without sign, exponent or spare zeros. */
export function isAmount(text: string): boolean {
  return /^(0|[1-9]\d{0,29})(\.\d{1,18})?$/.test(text)
}
