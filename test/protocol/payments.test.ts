// Payment codes: every damage that can be found is refused, and the codes of the standards are not.

import { generateKeyPairSync } from 'node:crypto'
import { base58, createBase58check } from '@scure/base'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../src/protocol/bytes.ts'
import { Refusal } from '../../src/protocol/errors.ts'
import { checkPaymentCode } from '../../src/protocol/payments.ts'

// The test vectors that BIP 47 links to: gist.github.com/SamouraiDev/6aad669604c5930864bd
const alice =
  'PM8TJTLJbPRGxSbc8EJi42Wrr6QbNSaSSVJ5Y3E4pbCYiTHUskHg13935Ubb7q8tx9GVbh2UuRnBc3WSyJHhUrw8KhprKnn9eDznYGieTzFcwQRya4GA'
const bob =
  'PM8TJS2JxQ5ztXUpBBRnpTbcUXbUHy2T1abfrb3KkAAtMEGNbey4oumH7Hc578WgQJhPjBxteQ5GHHToTYHE3A1w6p7tU6KSoFmWBVbFGjKPisZDbP97'
const aliceKey = 'b85034fb08a8bfefd22848238257b252721454bbbfba2c3667f168837ea2cdad'
const aliceChain = '671af9f65904632e2dcc0c6ad314e11d53fc82fa4c4ea27a4a14eccecc478fee'

const systemProgram = '1'.repeat(32)
const tokenProgram = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const wrappedSol = 'So11111111111111111111111111111111111111112'
const usdc = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
const associatedTokenProgram = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL'

const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const base58check = createBase58check(sha256)

/**
 * Alice's code with other bytes and a checksum that is right for them.
 * @param changes hex digits by the place where they go, numbered as in the BIP
 * @param kind the version byte of Base58Check
 */
function forged(changes: Readonly<Record<number, string>>, length = 80, kind = 0x47): string {
  const payload = Buffer.alloc(length)
  payload.write(`010002${aliceKey}${aliceChain}`, 'hex')
  for (const [at, digits] of Object.entries(changes)) payload.write(digits, Number(at), 'hex')
  return base58check.encode(Buffer.of(kind, ...payload))
}

/** The text with another letter at a place; with '' that letter is dropped. */
function altered(text: string, at: number, letter: string): string {
  return text.slice(0, at) + letter + text.slice(at + 1)
}

function reasonFor(code: string, lenient?: boolean): string {
  try {
    checkPaymentCode(code, lenient)
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    expect(refusal.code).toBe('INVALID_MSG')
    return refusal.message
  }
  return 'none: it was accepted'
}

describe('refused as a BIP47 code', () => {
  const checksum = /its checksum is wrong: a letter was changed/
  const letterCount = /letters where 116 are needed/
  const foreign = /a character that base58 has not/
  const noPoint = /no point of secp256k1/
  const reserved = /its reserved bytes are not zero/

  test.each([
    ['two neighbours exchanged', alice.replace('JTLJ', 'TJLJ'), checksum],
    ["Alice's front and Bob's end", alice.slice(0, 58) + bob.slice(58), checksum],
    ['a letter moved to the end', `${altered(alice, 50, '')}${alice[50]}`, checksum],
    ['a letter added behind it', `${alice}1`, letterCount],
    ['the code twice', alice + alice, letterCount],
    ['so much of it as a Solana address has', alice.slice(0, 43), letterCount],
    ['its first letters alone', 'PM8T', letterCount],
    ['a megabyte', `PM8T${'z'.repeat(1_000_000)}`, letterCount],
    ['a Cyrillic letter that looks like a', altered(alice, alice.indexOf('a'), '\u0430'), foreign],
    ['a blank before it', `bip47: ${alice}`, foreign],
    ['a blank behind it', `${alice} `, foreign],
    ['a line feed behind it', `${alice}\n`, foreign],
    ['a zero-width space', `${alice}\u200b`, foreign],
    ['another code behind it', `${alice},${bob}`, foreign],
    ['the scheme twice', `bip47:bip47:${alice}`, foreign],
    ['nothing after the scheme', 'bip47:', foreign],
    ['nothing but ones', `bip47:${'1'.repeat(116)}`, checksum],
  ])('%s', (_what, code, reason) => {
    expect(reasonFor(code)).toMatch(reason)
    expect(reasonFor(code.startsWith('bip47:') ? code : `bip47:${code}`)).toMatch(reason)
  })

  test.each([
    ['the version byte 0x48', forged({}, 80, 0x48), /another kind of code/],
    ['the version byte 0x46', forged({}, 80, 0x46), /another kind of code/],
    ['79 bytes', forged({}, 79), letterCount],
    ['81 bytes', forged({}, 81), letterCount],
    ['82 bytes that 116 letters can spell', forged({}, 81, 0), /does not hold 80 bytes/],
    ['version 0', forged({ 0: '00' }), /its version is 0, not 1 or 2/],
    ['version 3', forged({ 0: '03' }), /its version is 3, not 1 or 2/],
    ['feature bit 1', forged({ 1: '02' }), /feature bit that is reserved/],
    ['feature bit 7 beside bit 0', forged({ 1: '81' }), /feature bit that is reserved/],
    ['the sign 00', forged({ 2: '00' }), /sign of its key is neither/],
    ['the sign 04', forged({ 2: '04' }), /sign of its key is neither/],
    ['x = 0', forged({ 3: '00'.padStart(64, '0') }), noPoint],
    ['x = 5, which is no point', forged({ 3: '05'.padStart(64, '0') }), noPoint],
    ['x = p + 1', forged({ 3: `${'f'.repeat(55)}efffffc30` }), noPoint],
    ['the largest x', forged({ 3: 'ff'.repeat(32) }), noPoint],
    ['the first reserved byte set', forged({ 67: '01' }), reserved],
    ['the second reserved byte set', forged({ 68: '01' }), reserved],
    ['the last reserved byte set', forged({ 79: '01' }), reserved],
    ['the byte behind those of Bitmessage set', forged({ 1: '01', 67: '040101' }), reserved],
    ['a reserved byte set in version 2', forged({ 0: '02', 70: '09' }), reserved],
    ['the bytes of Bitmessage without their bit', forged({ 67: '0401' }), reserved],
  ])('%s, with the right checksum', (_what, code, reason) => {
    expect(reasonFor(`bip47:${code}`)).toMatch(reason)
  })

  test('any single letter, dropped or changed to any other', () => {
    for (let at = 0; at < alice.length; at++) {
      for (const letter of '0OIl') {
        expect(reasonFor(`bip47:${altered(alice, at, letter)}`)).toMatch(foreign)
      }
      expect(reasonFor(`bip47:${altered(alice, at, '')}`)).toMatch(letterCount)
      for (const letter of letters.replace(alice[at] ?? '', '')) {
        expect(reasonFor(`bip47:${altered(alice, at, letter)}`)).toMatch(checksum)
      }
    }
  })
})

describe('refused as a Solana address', () => {
  const foreign = /a character that base58 has not/
  const letterCount = /letters where 32 to 44 are needed/
  const byteCount = /it spells \d+ bytes where 32 are needed/

  test.each([
    ['33 zero bytes', `1${systemProgram}`, byteCount],
    ['the last letter dropped', wrappedSol.slice(0, -1), byteCount],
    ['two letters dropped', usdc.slice(2), byteCount],
    ['its first half twice', tokenProgram.slice(0, 21).repeat(2), byteCount],
    ['a letter added behind it', `${usdc}1`, letterCount],
    ['a letter doubled', usdc.replace('dd5', 'ddd5'), letterCount],
    ['a large number, 2^256', base58.encode(Buffer.from(`01${'00'.repeat(32)}`, 'hex')), byteCount],
    ['an address of Bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', byteCount],
    ['a signature of 64 bytes', base58.encode(new Uint8Array(64).fill(9)), letterCount],
    ['a Cyrillic letter that looks like o', tokenProgram.replace('o', '\u043e'), foreign],
    ['a blank before it', ` ${usdc}`, foreign],
    ['a blank behind it', `${usdc} `, foreign],
    ['a line feed behind it', `${usdc}\n`, foreign],
    ['base64 of 32 bytes', Buffer.alloc(32, 7).toString('base64'), foreign],
    ['a link to pay', `${usdc}?amount=1`, foreign],
    ['nothing', '', foreign],
    ['a megabyte', '2'.repeat(1_000_000), letterCount],
  ])('%s', (_what, value, reason) => {
    expect(reasonFor(`solana:${value}`)).toMatch(reason)
    expect(reasonFor(value)).toMatch(/`scheme:value`/)
  })

  test('any single letter in the place of which stands one that base58 has not', () => {
    for (let at = 0; at < usdc.length; at++) {
      for (const letter of '0OIl') {
        expect(reasonFor(`solana:${altered(usdc, at, letter)}`)).toMatch(foreign)
      }
    }
  })
})

describe('refused as any other code', () => {
  const spaceless =
    `lightning lightning: :lnbc1 IBAN:DE02 Lightning:lnbc1 Solana:${usdc} BIP47:${alice}
    402x:a -x:a my_pay:a pay.example:a evm:é evm:a\x7f lnbc20u1p3y0x3hpp5743k2g0fsqqxj7n8qz
    0x52908400098527886E0F7030069857D2E4169EE7 ${alice.toLowerCase()} ${'a'.repeat(33)}:a
    evm:${'a'.repeat(501)}`.split(/\s+/)

  test.each([
    ...spaceless,
    '',
    ' evm:0x1',
    ` solana:${usdc}`,
    'evm :0x1',
    'iban:DE02 1203',
    'evm:0x1\n',
    'evm:a\0b',
    'pay me later',
  ])('%j', (code) => {
    expect(reasonFor(code)).toMatch(/^Write a payment code as `scheme:value`/)
  })
})

describe('accepted as BIP47 codes', () => {
  test.each([
    ["Alice's", alice],
    ["Bob's", bob],
    ["Alice's, put together from its parts", forged({})],
    ['the other sign', forged({ 2: '03' })],
    ['x = 1, a point', forged({ 3: '01'.padStart(64, '0') })],
    ['the bit for Bitmessage and its bytes', forged({ 1: '01', 67: '0401' })],
    ['version 2', forged({ 0: '02' })],
    ['version 2 with the bit for Bitmessage', forged({ 0: '0201', 67: '0302' })],
  ])('%s', (_what, code) => {
    for (const lenient of [false, true]) {
      expect(checkPaymentCode(code, lenient)).toEqual({ scheme: 'bip47', checked: true })
      expect(checkPaymentCode(`bip47:${code}`, lenient)).toEqual({ scheme: 'bip47', checked: true })
    }
  })
})

describe('accepted as Solana addresses', () => {
  // The wallet, mint and account of the tests of metaplex-foundation/Solana.Swift.
  const owner = '3h1zGmCwsRJnVk5BuRNMLsPaQu1y2aqXqXDWYCgrp5UG'
  const account = '3uetDDizgTtadDHZzyy9BqxrjQcozMEkxzbKhfZF4tG3'

  test.each([
    ['the system program, 32 zero bytes', systemProgram, true],
    ['the token program', tokenProgram, true],
    ['the mint of wrapped SOL', wrappedSol, true],
    ['the mint of USDC', usdc, true],
    ['the vote program, whose name is off the curve', `Vote${'1'.repeat(39)}`, false],
    ['a wallet', owner, true],
    ['a wallet made here', walletAddress(), true],
    ['its token account, derived by a program', account, false],
    ['32 bytes ff: y = p + 18', ofY('ff', 'ff'), true],
    ['y = p + 1, which is reduced to 1', ofY('ee', '7f'), true],
    ['y = p + 1 with the sign of x = 0 set', ofY('ee', 'ff'), true],
    ['y = p + 2, which is reduced to 2', ofY('ef', '7f'), false],
  ])('%s', (_what, address, on_curve) => {
    for (const lenient of [false, true]) {
      const found = { scheme: 'solana', checked: true, on_curve }
      expect(checkPaymentCode(address, lenient)).toEqual(found)
      expect(checkPaymentCode(`solana:${address}`, lenient)).toEqual(found)
    }
  })

  test('an address that a program derives is off the curve, and is that of the vector', () => {
    const seeds = [owner, tokenProgram, usdc].map((key) => base58.decode(key))
    const found = derivedAddress(seeds, associatedTokenProgram)
    expect(found).toBe(account)
  })

  test('what no check finds: there is no checksum, so a changed letter gives another address', () => {
    expect(checkPaymentCode(`solana:${alice.slice(0, 43)}`)).toMatchObject({ scheme: 'solana' })
    expect(checkPaymentCode(altered(usdc, 20, 'z'))).toMatchObject({ scheme: 'solana' })
  })
})

/** 32 bytes in base58: the first, 30 times ff and the last; p begins with ed and ends with 7f. */
function ofY(first: string, last: string): string {
  return base58.encode(Buffer.from(`${first}${'ff'.repeat(30)}${last}`, 'hex'))
}

/** The address of a fresh Ed25519 key: its 32 bytes in base58. */
function walletAddress(): string {
  const der = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' })
  return base58.encode(der.subarray(12))
}

/** The first address off the curve that a program derives from seeds, and a bump from 255 down. */
function derivedAddress(seeds: readonly Uint8Array[], program: string): string {
  const marker = Buffer.from('ProgramDerivedAddress')
  for (let bump = 255; bump >= 0; bump--) {
    const parts = [...seeds, Uint8Array.of(bump), base58.decode(program), marker]
    const address = base58.encode(sha256(Buffer.concat(parts)))
    const { on_curve } = { on_curve: undefined, ...checkPaymentCode(address) }
    if (on_curve === false) return address
  }
  throw new Error('All 256 hashes lie on the curve.')
}

describe('stored as given', () => {
  const codes = `lightning:lnbc20u1p3y0x3h evm:0x52908400098527886E0F7030069857D2E4169EE7
    iban:DE02120300000000202051 x402:https://pay.example/x?y=z#here bip470:1 solana-pay:x
    bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa unknown:x a:b a:: https://pay.example/me
    ${'a'.repeat(32)}:! evm:${'~'.repeat(500)}`.split(/\s+/)

  test.each(codes)('%s', (code) => {
    for (const lenient of [false, true]) {
      const scheme = code.slice(0, code.indexOf(':'))
      expect(checkPaymentCode(code, lenient)).toEqual({ scheme, checked: false })
    }
  })
})

describe('of the older wire', () => {
  test.each([
    ['a bare BIP47 code with a letter changed', altered(alice, 50, 'z'), /its checksum is wrong/],
    ['a bare code of version 2, changed', altered(forged({ 0: '02' }), 50, 'z'), /its checksum/],
    ['a bare BIP47 code with its last letters cut', alice.slice(0, 100), /100 letters where 116/],
    ['a bare BIP47 code with text behind it', `${alice} (Alice)`, /a character that base58/],
    ['nothing after bip47:', 'bip47:', /a character that base58 has not/],
    ['a bare address that lacks a letter', tokenProgram.slice(1), /spells 31 bytes/],
    ['an address that lacks letters after solana:', 'solana:abc', /3 letters where 32 to 44/],
  ])('refused: %s', (_what, code, reason) => {
    expect(reasonFor(code, true)).toMatch(reason)
  })

  const shortened = [99, 43, 4].map((length) => alice.slice(0, length))
  const spaceless = `Überweisung💸 ${alice.toLowerCase()} ${tokenProgram.slice(0, 31)} ${usdc}z
    1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa 0${usdc.slice(1)} BIP47:${alice} evm:${'a'.repeat(501)}`.split(
    /\s+/,
  )
  test.each([...shortened, ...spaceless, '', 'iban:DE02 1203', ` ${usdc}`])(
    'stored as given: %j',
    (code) => {
      expect(checkPaymentCode(code, true)).toEqual({ scheme: 'unknown', checked: false })
    },
  )
})
