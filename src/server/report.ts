// The one stream of what happens in a server: log lines, counters and tests all read it.

/** Every event, with the level at which it is logged. None carries text that an agent wrote. */
export const reports = {
  'server-started': 'info',
  'server-stopping': 'info',
  'server-stopped': 'info',
  'log-failed': 'fatal',
  fault: 'error',
  'readers-cut': 'warn',
  'flood-closed': 'warn',
  'door-refused': 'warn',
  'connection-opened': 'debug',
  'connection-closed': 'debug',
  'session-opened': 'info',
  refused: 'debug',
  'retention-done': 'info',
  'snapshot-taken': 'debug',
  'hook-called': 'debug',
  'hook-failed': 'warn',
  'hook-dead': 'error',
} as const

export type ReportName = keyof typeof reports
export type Details = Readonly<Record<string, string | number | boolean | undefined>>
export type Report = (name: ReportName, details?: Details) => void
