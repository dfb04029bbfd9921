// `agentchat me`: how the agent shows itself to others.

import { saveIdentity } from '../../client/files.ts'
import { limits } from '../../protocol/limits.ts'
import { command, type Noun, readWord } from '../command.ts'
import { withChat } from '../connect.ts'
import { wrongUsage } from '../failure.ts'
import { agentText } from '../render.ts'
import { parseName, parseWord } from '../values.ts'

const show = command({
  args: '',
  doc: 'Show the agent that you are on this server.',
  flags: {},
  examples: ['agentchat me'],
  async run(run) {
    await withChat(run, { shared: true }, async (chat) => {
      const card = await chat.whois(chat.id, run)
      run.output.print(card, agentText(card))
    })
  },
})

const status = command({
  args: '<status> [text...]',
  doc: 'Say how you are: online, away, busy, offline or listening; others see it while you are there.',
  flags: {},
  examples: ["agentchat me status busy 'compiling'"],
  async run(run) {
    const [word = '', ...words] = run.args
    const parse = parseWord('online', 'away', 'busy', 'offline', 'listening')
    const fields = { status: readWord(parse, word), status_text: words.join(' ') }
    if (fields.status_text.length > limits.status_text_characters) {
      const most = limits.status_text_characters
      throw wrongUsage(`A status text has at most ${most} characters.`, 'Shorten it.')
    }
    await withChat(run, { keyFor: 'A status' }, async (chat) => {
      const frame = await chat.request('SET_PRESENCE', fields, run)
      run.output.print(frame, `You are ${fields.status}.`)
    })
  },
})

const nick = command({
  args: '<name>',
  doc: 'Be called otherwise. The name is yours alone, here and in your identity.',
  flags: {},
  examples: ['agentchat me nick helper2'],
  async run(run) {
    const name = readWord(parseName, run.args[0] ?? '')
    await withChat(
      run,
      { keyFor: 'A name of your own', isSigned: true },
      async (chat, { kept }) => {
        const frame = await chat.request('SET_NICK', { nick: name }, run)
        // A login asks for the name in the identity: with the old one it would change back.
        if (kept) await saveIdentity(kept.path, { ...kept.identity, name }, { force: true })
        run.output.print(frame, `You are called @${name}.`)
      },
    )
  },
})

export const me: Noun = { doc: 'How you show yourself to others.', verbs: { show, status, nick } }
