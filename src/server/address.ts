// IP addresses: which are of this machine, and whose network one is of.

import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** True for 127.0.0.0/8, ::1, their mapped forms, and the name localhost. */
export function isLoopback(address: string): boolean {
  if (address === 'localhost') return true
  const family = isIP(address)
  if (family === 0) return false
  return loopback.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv4 address in its own form, when it comes as one of IPv6. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:/, '')
}

/** What one subscriber has: an IPv4 address, or the /64 of one of IPv6. */
export function networkOf(address: string): string {
  const bare = unmapped(address)
  if (isIP(bare) !== 6 || isLoopback(bare)) return bare
  const [head = '', tail = ''] = bare.split('::')
  const front = head.split(':').filter(Boolean)
  const back = tail.split(':').filter(Boolean)
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`
}
