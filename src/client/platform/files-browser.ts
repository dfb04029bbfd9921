// Files where there are none: everything fails, and says why.

import type { Files } from './files.ts'

const absent = new Error('There are no files here; keep identities and known servers elsewhere.')

export const files: Files = {
  read: () => Promise.reject(absent),
  write: () => Promise.reject(absent),
  append: () => Promise.reject(absent),
  faultOf: () => 'no-files',
}
