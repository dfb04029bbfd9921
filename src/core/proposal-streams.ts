// Where the log keeps the news of proposals; streams that begin with ! are never forgotten.

/** All news of all proposals. */
export const allProposals = '!'

/** The news of one proposal, from its PROPOSAL on. */
export function chainOf(id: string): string {
  return `!${id}`
}
