// Older and looser spellings of a command line are brought into one form, and content is left alone.

import { describe, expect, it } from 'vitest'
import { nouns, tree } from '../../src/cli/tree.ts'
import { rearrange } from '../../src/cli/words.ts'

const server = 'ws://host:1'
const flag = ['--server', server]

describe('the words of a command line', () => {
  it('know every noun of the tree', async () => {
    const loaded = await Promise.all(
      Object.entries(tree).map(async ([name, { load }]) => ({ name, of: await load() })),
    )
    const found = loaded.filter(({ of }) => 'verbs' in of).map(({ name }) => name)
    expect([...nouns].sort()).toEqual(found.sort())
  })

  it.each([
    ['before the command', [server, 'send', '#x', 'hi'], [...flag, 'send', '#x', 'hi']],
    ['after the command', ['send', server, '#x', 'hi'], [...flag, 'send', '#x', 'hi']],
    ['after a verb', ['channels', 'create', server, '#x'], [...flag, 'channels', 'create', '#x']],
    [
      'after a verb of deals',
      ['proposals', 'accept', server, 'a'],
      [...flag, 'proposals', 'accept', 'a'],
    ],
    ['after an older verb', ['accept', server, 'a'], [...flag, 'accept', 'a']],
    ['after an older name', ['create', server, '#x'], [...flag, 'create', '#x']],
    ['alone', [server], flag],
    ['after flags', ['-n', 'bob', 'send', server, '#x'], [...flag, '-n', 'bob', 'send', '#x']],
  ])('take an address %s as the server', (_where, argv, expected) => {
    expect(rearrange(argv)).toEqual(expected)
  })

  it.each([
    [['send', '#x', 'ws://not-the-server']],
    [['propose', '@bob', 'ws://not-the-server']],
    [['proposals', 'new', '@bob', 'ws://not-the-server']],
    [['send', 'general', 'ws://not-the-server']],
    [['send', '--', server]],
    [['reply', 'm1', 'ws://not-the-server']],
    [['--server', server, 'send', '#x', 'ws://not-the-server']],
  ])('leave content alone: %j', (argv) => {
    expect(rearrange(argv)).toEqual(argv)
  })

  it('take help on a command as its --help, and topics as topics', () => {
    expect(rearrange(['help', 'send'])).toEqual(['send', '--help'])
    expect(rearrange(['help', 'channels', 'join'])).toEqual(['channels', 'join', '--help'])
    expect(rearrange(['help', 'agents'])).toEqual(['help', 'agents'])
    expect(rearrange(['help', 'exit-codes'])).toEqual(['help', 'exit-codes'])
    expect(rearrange(['help', 'nonsense'])).toEqual(['help', 'nonsense'])
  })
})
