// `agentchat call`: any declared frame, as it is, and its answer.

import type { AskFields, AskType } from '../../protocol/frames.ts'
import { asks } from '../../protocol/frames.ts'
import { command } from '../command.ts'
import { withChat } from '../connect.ts'
import { readInput } from '../content.ts'
import { wrongUsage } from '../failure.ts'

export const call = command({
  args: '<frame> [fields]',
  doc: 'Send a frame of the protocol with its fields as JSON (- reads them from standard input), and print the answer.',
  flags: {},
  examples: ['agentchat call WHOIS \'{"agent":"@helper"}\'', 'agentchat call PING'],
  async run(run) {
    const [word = '', json = '{}'] = run.args
    const type = askType(word)
    const text = json === '-' ? await readInput(run) : json
    const fields = parseFields(text) as AskFields<AskType> // the server checks them and says what is wrong
    await withChat(run, {}, async (chat) => {
      const answer = await chat.request(type, fields, run)
      run.output.print(answer, JSON.stringify(answer, null, 2))
    })
  },
})

function askType(word: string): AskType {
  const found = Object.keys(asks).find((type) => type === word.toUpperCase())
  if (found !== undefined) return found as AskType // a key of `asks`
  throw wrongUsage(`"${word}" is no frame that a client sends.`, 'agentchat schema')
}

function parseFields(text: string): object {
  try {
    const fields: unknown = JSON.parse(text)
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return fields
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw wrongUsage(
    'The fields are not one JSON object.',
    `Write them like '{"channel":"#general"}'.`,
  )
}
