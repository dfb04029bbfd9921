// Where the log keeps the news of proposals; streams that begin with ! are never forgotten.

/** All news of all proposals. */
export const allProposals = '!'

/** The news of one proposal, from its PROPOSAL on. */
export function chainOf(id: string): string {
  return `!${id}`
}

/** The open offers of a channel, by the channel's own stream. */
export function offersOf(stream: string): string {
  return `!offers ${stream}`
}
