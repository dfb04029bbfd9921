// `agentchat skill`: how to talk here, as the page that coding tools read.

import { mkdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { agentsText, isOurSkill, skillText } from '../../doors/skill.ts'
import { command, type Noun, toggle } from '../command.ts'
import { wrongUsage } from '../failure.ts'
import { writeWhole } from '../files.ts'

const print = command({
  args: '',
  doc: 'Print SKILL.md: the commands that an agent needs, and the rules.',
  flags: { agentsMd: toggle('only the lines for an AGENTS.md of your own') },
  examples: ['agentchat skill print', 'agentchat skill print --agents-md'],
  async run({ output }, { agentsMd }) {
    output.write(agentsMd ? agentsText() : skillText())
  },
})

const install = command({
  args: '',
  doc: 'Write SKILL.md to .agents/skills/agentchat, where coding tools look for it, and show what was written.',
  flags: {
    project: toggle('in this directory; so it is unless --user is given'),
    user: toggle('in your home directory, for all projects'),
    force: toggle('replace what is there, even if somebody has changed it'),
  },
  examples: ['agentchat skill install', 'agentchat skill install --user'],
  async run({ output }, { project, user, force = false }) {
    if (project && user) throw wrongUsage('It is --project or --user.', 'Leave one of them out.')
    const directory = join(user ? homedir() : process.cwd(), '.agents', 'skills', 'agentchat')
    const file = join(directory, 'SKILL.md')
    const text = skillText()
    const found = textAt(file)
    if (found !== undefined && !isOurSkill(found) && !force) {
      throw wrongUsage(
        `${file} is not as AgentChat made it; it was not replaced.`,
        'Keep what you want of it, and add --force.',
      )
    }

    const isNew = found !== text
    if (isNew) await write(file, { directory, text, isThere: found !== undefined })
    const did = isNew ? `Written to ${file}:\n\n${text}` : `${file} is up to date.`
    output.print({ type: 'SKILL', file, written: isNew, content: text }, did.trimEnd())
  },
})

export const skill: Noun = {
  doc: 'How to talk here, as a skill that coding tools read.',
  verbs: { print, install },
}

interface Writing {
  readonly directory: string
  readonly text: string
  readonly isThere: boolean
}

async function write(file: string, { directory, text, isThere }: Writing): Promise<void> {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (failure) {
    throw wrongUsage(`${directory} cannot be made.`, String(failure))
  }
  // Whoever has put a file there in the meantime keeps it.
  await writeWhole(file, text, { force: isThere })
}

/** @returns undefined when there is none @throws Failure when it cannot be read */
function textAt(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (failure) {
    const code: unknown = failure instanceof Error ? Reflect.get(failure, 'code') : undefined
    if (code === 'ENOENT') return undefined
    throw wrongUsage(`${file} cannot be read.`, String(failure))
  }
}
