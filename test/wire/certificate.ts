// A certificate that nobody but a test believes, made by the openssl command.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { removeDirectory, temporaryDirectory } from '../kit/directory.ts'

export interface Certificate {
  readonly directory: string
  /** Paths, for --cert and --key. */
  readonly cert: string
  readonly key: string
  /** The certificate itself, for clients to believe. */
  readonly pem: Buffer
}

/** A self-signed certificate for localhost and 127.0.0.1 that lives as long as the running test. */
export async function makeCertificate(): Promise<Certificate> {
  const directory = await temporaryDirectory()
  onTestFinished(() => removeDirectory(directory))
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { directory, cert, key, pem: readFileSync(cert) }
}
