// Older and looser spellings of a command line are brought into one form, and content is left alone.

import { describe, expect, it } from 'vitest'
import { rearrange } from '../../src/cli/words.ts'

const server = 'ws://host:1'
const flag = ['--server', server]

describe('the words of a command line', () => {
  it.each([
    ['before the command', [server, 'send', '#x', 'hi'], [...flag, 'send', '#x', 'hi']],
    ['after the command', ['send', server, '#x', 'hi'], [...flag, 'send', '#x', 'hi']],
    ['after a verb', ['channels', 'create', server, '#x'], [...flag, 'channels', 'create', '#x']],
    ['after an older name', ['create', server, '#x'], [...flag, 'create', '#x']],
    ['alone', [server], flag],
    ['after flags', ['-n', 'bob', 'send', server, '#x'], [...flag, '-n', 'bob', 'send', '#x']],
  ])('take an address %s as the server', (_where, argv, expected) => {
    expect(rearrange(argv)).toEqual(expected)
  })

  it.each([
    [['send', '#x', 'ws://not-the-server']],
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
