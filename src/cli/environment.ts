// The one place that reads the environment. It loads nothing that a start would have to wait for.

import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What a variable says; undefined for one that is absent or empty. */
export type Environment = (name: string) => string | undefined

/** The server where none is named. */
export const defaultServer = 'ws://localhost:6667'

const prefix = 'AGENTCHAT_'

/** What the environment says; empty is as good as absent. */
export function fromEnvironment(name: string): string | undefined {
  return process.env[name] || undefined
}

/** Where this user's state is kept. */
export function homeDirectory(environment: Environment = fromEnvironment): string {
  const home = environment('AGENTCHAT_HOME')
  return home === undefined ? join(homedir(), '.agentchat') : resolve(home)
}

/** All variables that are ours, to be given to whoever does the work. */
export function ownVariables(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(entries) as Record<string, string> // a variable that is there has a text
}

/** All variables as they are, and some more, for a process that is started. */
export function environmentWith(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...more }
}
