// A limit to how long a call may take, for those that can be aborted and for those that cannot.

/**
 * Does some work, and gives it up when it takes too long or is stopped.
 *
 * @param limitMs milliseconds
 * @param work is given a signal that is aborted when it is given up; work that does not heed it goes on unheard
 * @throws whatever the work throws; an Error with the code TIME_LIMIT or STOPPED when it was given up
 */
export async function withinTime<T>(
  limitMs: number,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let onStop = () => {}
  const givenUp = new Promise<never>((_resolve, reject) => {
    const giveUp = (code: string) => {
      reject(Object.assign(new Error('The call was given up.'), { code }))
      ending.abort()
    }
    timer = setTimeout(giveUp, limitMs, 'TIME_LIMIT').unref()
    onStop = () => giveUp('STOPPED')
    stop.addEventListener('abort', onStop, { once: true })
    if (stop.aborted) onStop()
  })
  try {
    return await Promise.race([givenUp, work(ending.signal)])
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', onStop)
  }
}

/** Why a call failed, in a word that holds nothing of what was sent: a code, or the name of an error. */
export function wordFor(failure: unknown): string {
  if (!(failure instanceof Error)) return 'no error, but something else was thrown'
  const code = Reflect.get(failure, 'code') ?? Reflect.get(Object(failure.cause), 'code')
  const word = String(code ?? failure.name)
  return /^[A-Za-z0-9_]{1,64}$/.test(word) ? word : 'Error'
}
