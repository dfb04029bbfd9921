// `agentchat completion`: a script for a shell, made of the tree. It asks nobody and writes no file.

import { type Command, command, type Flags, type Noun, readWord, spelled } from '../command.ts'
import { globals } from '../settings.ts'
import { tree } from '../tree.ts'
import { parseWord } from '../values.ts'

/** What may follow each beginning of a command line, by the words after `agentchat`. */
type Words = ReadonlyMap<string, readonly string[]>

const shells = ['bash', 'zsh', 'fish', 'pwsh'] as const

const scripts: { readonly [S in (typeof shells)[number]]: (words: Words) => string } = {
  bash: (words) => `_agentchat() {
  local at="\${COMP_WORDS[*]:1:2}" first="\${COMP_WORDS[1]}" known
  case "$at" in
${cases(words, (path, next) => `    "${path} "*|"${path}") known="${next}" ;;`, 2)}
    *) case "$first" in
${cases(words, (path, next) => `      "${path}") known="${next}" ;;`, 1)}
      *) known="${(words.get('') ?? []).join(' ')}" ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$known" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _agentchat agentchat`,
  zsh: (words) => `autoload -U +X bashcompinit && bashcompinit
${scripts.bash(words)}`,
  fish: (words) =>
    [...words]
      .map(([path, next]) => {
        const [noun, verb] = path.split(' ')
        const seen = [noun, verb]
          .filter(Boolean)
          .map((word) => `__fish_seen_subcommand_from ${word}`)
        const when = seen.length === 0 ? '__fish_use_subcommand' : seen.join('; and ')
        return `complete -c agentchat -f -n '${when}' -a '${next.join(' ')}'`
      })
      .join('\n'),
  pwsh: (words) => `Register-ArgumentCompleter -Native -CommandName agentchat -ScriptBlock {
  param($word, $line)
  $known = @{
${[...words].map(([path, next]) => `    '${path}' = '${next.join(' ')}'`).join('\n')}
  }
  $typed = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  $path = ($typed | Select-Object -First 2) -join ' '
  if (-not $known.ContainsKey($path)) { $path = "$($typed | Select-Object -First 1)" }
  if (-not $known.ContainsKey($path)) { $path = '' }
  $known[$path] -split ' ' | Where-Object { $_ -like "$word*" }
}`,
}

export const completion = command({
  args: '<shell>',
  doc: 'Print a completion script; load it in the start file of your shell.',
  flags: {},
  examples: ['agentchat completion bash', 'eval "$(agentchat completion bash)"'],
  async run({ args, output }) {
    const shell = readWord(parseWord(...shells), args[0] ?? '')
    output.write(`${scripts[shell](await wordsOfTree())}\n`)
  },
})

async function wordsOfTree(): Promise<Words> {
  const words = new Map<string, readonly string[]>([['', Object.keys(tree)]])
  for (const [name, { load }] of Object.entries(tree)) add(words, name, await load())
  return words
}

function add(words: Map<string, readonly string[]>, name: string, declared: Command | Noun): void {
  if (!('verbs' in declared)) {
    words.set(name, flagsOf(declared.flags))
    return
  }
  words.set(name, Object.keys(declared.verbs))
  for (const [verb, { flags }] of Object.entries(declared.verbs)) {
    words.set(`${name} ${verb}`, flagsOf(flags))
  }
}

function flagsOf(flags: Flags): string[] {
  return [...new Set([...Object.keys(flags), ...Object.keys(globals), 'help'])].map(spelled)
}

function cases(words: Words, spell: (path: string, next: string) => string, depth: number): string {
  const ofDepth = [...words].filter(([path]) => path !== '' && path.split(' ').length === depth)
  return ofDepth.map(([path, next]) => spell(path, next.join(' '))).join('\n')
}
