// What the client needs of Ed25519 (RFC 8032), whoever computes it: Node, or plain JavaScript.

/** The working half of a key. What it holds secret cannot be read from it. */
export interface SigningKey {
  /** The 32 bytes of the public key. */
  readonly publicKey: Uint8Array
  /** @returns 64 bytes */
  sign(bytes: Uint8Array): Uint8Array
}

export interface Ed25519 {
  /** @param seed the 32 bytes of the private key */
  signingKey(seed: Uint8Array): SigningKey
  /** Whether the signature over the bytes was made with the key; false for anything malformed. */
  verify(signature: Uint8Array, bytes: Uint8Array, publicKey: Uint8Array): boolean
}
