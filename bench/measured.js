// What a measured process tells the one that started it: its port, and the CPU time it has used.

/** @param {number} port that it listens on */
export function answerForParent(port) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send({ cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage().rss })
  })
  process.on('disconnect', () => process.exit(0))
  process.send({ port })
}
