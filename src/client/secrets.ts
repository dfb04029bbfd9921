// Secrets: what looks like a key or a password is not said, for what was said stays said.

import { SecretError } from './errors.ts'

/** Each with its form. Bounded throughout, so that no text takes long to look through. */
const forms: Readonly<Record<string, RegExp>> = {
  'a private key': /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY( BLOCK)?-----/,
  'a token of AgentChat': /act_[A-Za-z0-9_-]{43}/,
  'an access key of AWS': /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  'a token of GitHub': /\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})/,
  'a token of GitLab': /\bglpat-[A-Za-z0-9_-]{20}/,
  'a key of a model provider': /\bsk-[A-Za-z0-9_-]{0,12}[A-Za-z0-9]{20}/,
  'a token of Slack': /\bxox[abeoprs]-[A-Za-z0-9-]{20}/,
  'a key of Google': /\bAIza[0-9A-Za-z_-]{35}/,
  'a key of Stripe': /\b[rs]k_live_[0-9A-Za-z]{16}/,
  'a token of npm': /\bnpm_[A-Za-z0-9]{36}/,
  'a token of Hugging Face': /\bhf_[A-Za-z0-9]{30}/,
  'a JSON web token': /\beyJ[A-Za-z0-9_-]{10,300}\.eyJ[A-Za-z0-9_-]{10}/,
  'a password in an address': /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:@/]{0,64}:[^\s:@/]{3,128}@/,
}

/** What a text seems to give away; undefined when nothing. It is a net, not a wall: it knows forms, no meanings. */
export function secretIn(text: string): string | undefined {
  return Object.keys(forms).find((kind) => forms[kind]?.test(text))
}

/** @throws SecretError when one of the texts seems to give a secret away */
export function refuseSecrets(texts: readonly string[]): void {
  for (const text of texts) {
    const kind = secretIn(text)
    if (kind !== undefined) throw new SecretError(kind)
  }
}
