// `agentchat hooks`: how far the hooks of a server are, and what they were not told of, whether it runs or not.

import { join } from 'node:path'
import { allStates } from '../../server/hooks/state.ts'
import { command, type Noun, value } from '../command.ts'
import { homeDirectory } from '../environment.ts'
import { columns, printList, type Row } from '../output.ts'
import { parseCount, parseText } from '../values.ts'

const defaultLimit = 50
const flags = {
  data: value('DIR', 'data directory of the server (~/.agentchat/server)', parseText, {
    env: 'AGENTCHAT_DATA',
  }),
  limit: value('N', `print at most so many (${defaultLimit})`, parseCount(1_000)),
}

const list = command({
  args: '',
  doc: 'List the hooks that a server has had, how far in its log each is, and how many dead letters it has.',
  flags,
  examples: ['agentchat hooks', 'agentchat hooks list --data ~/.agentchat/server'],
  async run({ output }, { data, limit = defaultLimit }) {
    const states = [...statesIn(data)]
    const texts = columns(
      states.map(([name, { position, dead }]) => [name, `at ${position}`, `${dead.length} dead`]),
    )
    const rows = states.map(([name, { position, dead }], index): Row => {
      const frame = { type: 'HOOK', name, file: `${name}.json`, position, dead: dead.length }
      return { frame, text: texts[index] ?? '' }
    })
    printList(output, rows, limit)
  },
})

const dead = command({
  args: '',
  doc: 'List the events that a hook was not told of, as it refused or every attempt failed; the oldest first.',
  flags,
  examples: ['agentchat hooks dead', 'agentchat hooks dead --limit 1000'],
  async run({ output }, { data, limit = defaultLimit }) {
    const letters = [...statesIn(data)].flatMap(([hook, state]) =>
      state.dead.map((letter) => ({ hook, ...letter })),
    )
    const texts = columns(
      letters.map(({ id, event, proposal_id, at, attempts, reason }) => {
        const time = new Date(at).toISOString()
        return [time, id, event, proposal_id, `after ${attempts} attempts`, reason]
      }),
    )
    const rows = letters.map((letter, index): Row => {
      return { frame: { type: 'DEAD_LETTER', ...letter }, text: texts[index] ?? '' }
    })
    printList(output, rows, limit)
  },
})

export const hooks: Noun = {
  doc: 'What is called when something becomes of a proposal; the file that `agentchat serve --hooks` names lists them.',
  verbs: { list, dead },
}

function statesIn(data: string | undefined) {
  return allStates(data ?? join(homeDirectory(), 'server'))
}
