// `agentchat identity`: the keys of this user, kept in files for their owner only.

import { resolve } from 'node:path'
import { saveIdentity } from '../../client/files.ts'
import { createIdentity, type Identity, signerOf } from '../../client/identity.ts'
import { toBase64Url } from '../../protocol/bytes.ts'
import { command, type Noun, type Run, readWord, toggle, value } from '../command.ts'
import { explain } from '../explain.ts'
import { Failure, wrongUsage } from '../failure.ts'
import { identityInUse, identityNames, identityPath, useIdentity } from '../home.ts'
import { openIdentity } from '../identities.ts'
import { printList, type Row } from '../output.ts'
import { factTexts } from '../render.ts'
import { parseName, parseText } from '../values.ts'

const force = toggle('replace what is there')

const show = command({
  args: '[name]',
  doc: 'Show an identity, without its private key; the one in use when none is named.',
  flags: {},
  examples: ['agentchat identity show'],
  async run(run) {
    const name = run.args[0] ?? chosen(run)
    printOne(run, await open(run, name), name)
  },
})

const list = command({
  args: '',
  doc: 'List the identities that there are.',
  flags: {},
  examples: ['agentchat identity list'],
  async run(run) {
    const names = identityNames(run.settings.home)
    const rows = await Promise.all(names.map((name) => listed(run, name)))
    const known = rows.flatMap((row) => row ?? [])
    printList(run.output, known, known.length)
  },
})

const create = command({
  args: '[name]',
  doc: 'Make a key. The first one is the one in use from then on.',
  flags: { force },
  examples: ['agentchat identity new bot'],
  async run(run, values) {
    const name = readWord(parseName, run.args[0] ?? 'me')
    await store(run, createIdentity(name), { name, force: values.force === true })
  },
})

const use = command({
  args: '<name>',
  doc: 'Choose the identity that is used when none is named.',
  flags: {},
  examples: ['agentchat identity use bot'],
  async run(run) {
    const name = readWord(parseName, run.args[0] ?? '')
    const identity = await open(run, name)
    useIdentity(run.settings.home, name)
    printOne(run, identity, name)
  },
})

const exportIdentity = command({
  args: '[name]',
  doc: 'Copy an identity, with its private key, into a file that only you can read.',
  flags: { out: value('FILE', 'where to write it', parseText), force },
  examples: ['agentchat identity export bot --out bot.json'],
  async run(run, { out, force }) {
    if (out === undefined) {
      throw wrongUsage('A private key is not written just anywhere.', 'Say where: --out FILE')
    }
    const name = run.args[0] ?? chosen(run)
    const identity = await open(run, name)
    await saveIdentity(out, identity, { force: force === true })
    const { frame } = rowOf(run, identity, name)
    run.output.print({ ...frame, file: out }, `Written to ${out}. Whoever has it is ${name}.`)
  },
})

const importIdentity = command({
  args: '<file>',
  doc: 'Take in an identity from a file.',
  flags: { as: value('NAME', 'what to call it here; its own name when absent', parseName), force },
  examples: ['agentchat identity import bot.json --as bot2'],
  async run(run, values) {
    const file = run.args[0] ?? ''
    const identity = await open(run, resolve(file))
    const name = values.as ?? identity.name
    await store(run, identity, { name, force: values.force === true })
  },
})

export const identity: Noun = {
  doc: 'The keys that make you the same agent tomorrow.',
  verbs: { show, list, new: create, use, export: exportIdentity, import: importIdentity },
}

/** One identity of a list; nothing but a warning when its file cannot be used. */
async function listed(run: Run, name: string): Promise<Row | undefined> {
  try {
    const { frame } = rowOf(run, await open(run, name), name)
    return { frame, text: `${frame.in_use ? '*' : ' '} ${name}  ${frame.id}` }
  } catch (failure) {
    run.output.warn(explain(failure).message)
    return undefined
  }
}

interface Storing {
  readonly name: string
  readonly force: boolean
}

async function store(run: Run, identity: Identity, { name, force }: Storing): Promise<void> {
  const { home } = run.settings
  await saveIdentity(identityPath(home, name), identity, { force })
  if (identityInUse(home) === undefined) useIdentity(home, name)
  printOne(run, identity, name)
}

async function open({ settings }: Run, named: string): Promise<Identity> {
  const { identity } = await openIdentity(settings.home, named)
  return identity
}

/** The identity that was named by flag or variable, or is in use. */
function chosen({ settings }: Run): string {
  const name = settings.identity ?? identityInUse(settings.home)
  if (name !== undefined) return name
  throw new Failure({
    code: 'IDENTITY_NEEDED',
    message: 'There is no identity in use.',
    hint: 'agentchat identity new NAME',
    exit: 'identity',
  })
}

function printOne(run: Run, identity: Identity, file: string): void {
  const { frame, text } = rowOf(run, identity, file)
  run.output.print(frame, text)
}

function rowOf({ settings: { home } }: Run, { name, ...keys }: Identity, named: string) {
  const { id, fingerprint, pem, raw } = signerOf({ name, ...keys }).key
  const key = toBase64Url(raw)
  const file = identityPath(home, named)
  const isInUse = identityInUse(home) === named
  const frame = { type: 'IDENTITY', name, id, key, fingerprint, pubkey: pem, file, in_use: isInUse }
  const text = factTexts([
    ['name', name],
    ['id', id],
    ['key', key],
    ['fingerprint', fingerprint],
    ['file', file],
    ['in use', isInUse ? 'yes' : 'no'],
  ])
  return { frame, text }
}
