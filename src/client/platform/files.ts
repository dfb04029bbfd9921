// What the client needs of a file system. Only Node has one.

/** Why a file could not be used, where it matters which. */
export type FileFault = 'missing' | 'exists' | 'no-files' | 'other'

export interface StoredFile {
  readonly text: string
  /** True when others than its owner may read it, where the system knows of such a thing. */
  readonly isExposed: boolean
}

/** Failures are thrown as Node's own errors; `faultOf` tells which they are. */
export interface Files {
  read(path: string): Promise<StoredFile>
  /**
   * Writes a whole file that only its owner may read, or leaves everything as it was; makes the
   * directories that it needs.
   *
   * @param replace false to fail with `exists` when there is a file already
   */
  write(path: string, text: string, replace: boolean): Promise<void>
  /** Adds a line at the end, in one piece, so that two processes may do it at once. */
  append(path: string, line: string): Promise<void>
  faultOf(failure: unknown): FileFault
}
