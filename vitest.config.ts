// How the tests run: plain Node, one file per process, no fixed ports.
import { defineConfig } from 'vitest/config'

/** A file to write the results to, beside what is printed; CI counts them. */
const results = process.env.AGENTCHAT_TEST_RESULTS

export default defineConfig({
  // The files behind `#socket` and its like are taken from src, as all others are.
  ssr: {
    resolve: { conditions: ['agentchat-source', 'node', 'module', 'development|production'] },
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    reporters: results ? ['default', ['json', { outputFile: results }]] : ['default'],
  },
})
