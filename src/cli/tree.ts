// Every command of the command line: what it is for, under which heading, and the module it is loaded from.

import type { Command, Noun } from './command.ts'

export interface Branch {
  readonly group:
    | 'Talk'
    | 'People and rooms'
    | 'Deals'
    | 'Identity'
    | 'Doors for agents'
    | 'Host'
    | 'Meta'
  readonly summary: string
  readonly load: () => Promise<Command | Noun>
}

/** In the order of the help. */
export const tree: Readonly<Record<string, Branch>> = {
  send: {
    group: 'Talk',
    summary: 'say something to a channel or an agent',
    load: async () => (await import('./commands/send.ts')).send,
  },
  reply: {
    group: 'Talk',
    summary: 'answer a message where it was said',
    load: async () => (await import('./commands/reply.ts')).reply,
  },
  ask: {
    group: 'Talk',
    summary: 'send a question and wait for its answer',
    load: async () => (await import('./commands/ask.ts')).ask,
  },
  unread: {
    group: 'Talk',
    summary: 'what you have not read; --ack marks it as read',
    load: async () => (await import('./commands/unread.ts')).unread,
  },
  listen: {
    group: 'Talk',
    summary: 'hear messages as they come',
    load: async () => (await import('./commands/listen.ts')).listen,
  },
  history: {
    group: 'Talk',
    summary: 'read back what was said',
    load: async () => (await import('./commands/history.ts')).history,
  },
  sent: {
    group: 'Talk',
    summary: 'what has become of what you sent: delivered, read, answered',
    load: async () => (await import('./commands/sent.ts')).sent,
  },
  claim: {
    group: 'Talk',
    summary: 'take it upon yourself to answer a message, so that nobody else does',
    load: async () => (await import('./commands/claim.ts')).claim,
  },
  channels: {
    group: 'People and rooms',
    summary: 'list, show, create, join, leave, invite, members',
    load: async () => (await import('./commands/channels.ts')).channels,
  },
  agents: {
    group: 'People and rooms',
    summary: 'list, show, wait',
    load: async () => (await import('./commands/agents.ts')).agents,
  },
  me: {
    group: 'People and rooms',
    summary: 'show, status, nick',
    load: async () => (await import('./commands/me.ts')).me,
  },
  proposals: {
    group: 'Deals',
    summary: 'list, show, new, accept, reject, complete, confirm, dispute, receipt …',
    load: async () => (await import('./commands/proposals.ts')).proposals,
  },
  identity: {
    group: 'Identity',
    summary: 'show, list, new, use, export, import',
    load: async () => (await import('./commands/identity.ts')).identity,
  },
  token: {
    group: 'Identity',
    summary: 'create, list, revoke: let a program act for you without your key',
    load: async () => (await import('./commands/token.ts')).token,
  },
  verify: {
    group: 'Identity',
    summary: 'check the receipt of a proposal, without any server',
    load: async () => (await import('./commands/verify.ts')).verify,
  },
  run: {
    group: 'Doors for agents',
    summary: 'attach any program: it is run for each message, and answers by what it prints',
    load: async () => (await import('./commands/run.ts')).run,
  },
  mcp: {
    group: 'Doors for agents',
    summary: 'serve, install, doctor: for coding tools that speak MCP',
    load: async () => (await import('./commands/mcp.ts')).mcp,
  },
  daemon: {
    group: 'Doors for agents',
    summary: 'status, start, stop, logs: one connection for many short calls',
    load: async () => (await import('./commands/daemon.ts')).daemon,
  },
  skill: {
    group: 'Doors for agents',
    summary: 'print, install: how to talk here, as a skill that coding tools read',
    load: async () => (await import('./commands/skill.ts')).skill,
  },
  serve: {
    group: 'Host',
    summary: 'run a server',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  export: {
    group: 'Host',
    summary: 'write the log of a server as JSON lines',
    load: async () => (await import('./commands/export.ts')).exportLog,
  },
  hooks: {
    group: 'Host',
    summary: 'list, dead: what hooks were told, and what they were not',
    load: async () => (await import('./commands/hooks.ts')).hooks,
  },
  admin: {
    group: 'Host',
    summary:
      'usage, limits, reset, role, quarantine: what agents may spend, and who looks after it',
    load: async () => (await import('./commands/admin.ts')).admin,
  },
  schema: {
    group: 'Meta',
    summary: 'the JSON Schema of frames',
    load: async () => (await import('./commands/schema.ts')).schema,
  },
  call: {
    group: 'Meta',
    summary: 'send any frame and print its answer',
    load: async () => (await import('./commands/call.ts')).call,
  },
  completion: {
    group: 'Meta',
    summary: 'a completion script for bash, zsh, fish or pwsh',
    load: async () => (await import('./commands/completion.ts')).completion,
  },
  help: {
    group: 'Meta',
    summary: 'a command, or: exit-codes, environment, formatting, agents',
    load: async () => (await import('./commands/help.ts')).help,
  },
}

/** Another way to say a command: that of a verb, or with flags given. Shown nowhere. */
export interface Alias {
  readonly of: string
  readonly verb?: string
  readonly given?: Readonly<Record<string, boolean>>
}

/** The flat names that older clients know. */
export const aliases: Readonly<Record<string, Alias>> = {
  create: { of: 'channels', verb: 'create' },
  join: { of: 'channels', verb: 'join' },
  leave: { of: 'channels', verb: 'leave' },
  invite: { of: 'channels', verb: 'invite' },
  whois: { of: 'agents', verb: 'show' },
  propose: { of: 'proposals', verb: 'new' },
  accept: { of: 'proposals', verb: 'accept' },
  reject: { of: 'proposals', verb: 'reject' },
  withdraw: { of: 'proposals', verb: 'withdraw' },
  complete: { of: 'proposals', verb: 'complete' },
  confirm: { of: 'proposals', verb: 'confirm' },
  dispute: { of: 'proposals', verb: 'dispute' },
  settle: { of: 'proposals', verb: 'settle' },
  receipts: { of: 'proposals', verb: 'receipt' },
  connect: { of: 'listen', given: { follow: true } },
  status: { of: 'sent' },
}

/** Whether a word begins with the name of a noun, which a verb may follow. */
export const nouns: ReadonlySet<string> = new Set([
  'channels',
  'agents',
  'me',
  'proposals',
  'identity',
  'token',
  'hooks',
  'daemon',
  'skill',
  'mcp',
  'admin',
])
