// The options of the server as a table in the README. Nothing imports it at run time.

import { serveOptions, variableOf } from './config.ts'

const begin = '<!-- options -->'
const end = '<!-- /options -->'

/**
 * Puts the table between the marks of a page.
 * @throws Error when the page has no such place
 */
export function withOptionTable(page: string): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)]
  if (before === -1 || after < before) throw new Error(`The page needs ${begin} and ${end}.`)
  return `${page.slice(0, before + begin.length)}\n\n${optionTable()}\n\n${page.slice(after)}`
}

function optionTable(): string {
  const rows = Object.values(serveOptions).map((option) => {
    const { flag, value, fallback, doc } = option
    const usage = value === undefined ? `--${flag}` : `--${flag} ${value}`
    const preset = value === undefined || !fallback ? '' : `\`${fallback}\``
    return `| \`${usage}\` | \`${variableOf(option)}\` | ${preset} | ${doc.replaceAll('|', '\\|')} |`
  })
  return ['| flag | variable | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
