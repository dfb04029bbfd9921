// Who may do how much: token buckets of agents, channels, addresses and connections.

import { Refusal } from '../../protocol/errors.ts'
import { type BucketSize, Buckets, TokenBucket } from './bucket.ts'

/** What an agent may send: `--rate` and `--burst`. Everything else follows from it. */
export type Pace = BucketSize

/** A channel passes on as much as so many agents may say, an address as much as so many may send. */
const agentsPerChannel = 50
const agentsPerAddress = 32
/** Requests that are not messages, for each message. */
const requestsPerMessage = 10
const bytesPerMessage = 65_536
/**
 * Refusals for haste, bad frames and bad signatures that a connection may collect before it is closed. Only time
 * heals them: whoever goes over the limit a hundred times is let through now and then.
 */
const strikes: BucketSize = { burst: 100, perSecond: 1 }

export interface ConnectionBuckets {
  readonly bytes: TokenBucket
  /** Requests that are not messages. */
  readonly requests: TokenBucket
  readonly strikes: TokenBucket
}

export interface Sender {
  /** The agent's id; the connection's while nobody is identified on it. */
  readonly owner: string
  /** Undefined for connections from this machine, which share no bucket. */
  readonly address: string | undefined
  /** The channel that it speaks in as a member: outsiders must not use up what members may say. */
  readonly channel: string | undefined
}

export class Guard {
  private readonly pace: Pace
  private readonly frameBytes: number
  private readonly agents: Buckets
  private readonly channels: Buckets
  private readonly addresses: Buckets

  constructor(pace: Pace, frameBytes: number) {
    this.pace = pace
    this.frameBytes = frameBytes
    this.agents = new Buckets(pace)
    this.channels = new Buckets(times(pace, agentsPerChannel))
    this.addresses = new Buckets(times(pace, agentsPerAddress))
  }

  connection(now: number): ConnectionBuckets {
    const bytes = times(this.pace, bytesPerMessage)
    const requests = { ...times(this.pace, requestsPerMessage) }
    return {
      bytes: new TokenBucket({ ...bytes, burst: bytes.burst + this.frameBytes }, now),
      requests: new TokenBucket(requests, now),
      strikes: new TokenBucket(strikes, now),
    }
  }

  /** @returns 0 when a message may go on, otherwise milliseconds until it may */
  admitMessage({ owner, address, channel }: Sender, now: number): number {
    const wait = this.agents.of(owner, now).take(1, now)
    if (wait > 0) return wait
    const shared = address === undefined ? 0 : this.addresses.of(address, now).take(1, now)
    if (shared > 0 || channel === undefined) return shared
    return this.channels.of(channel, now).take(1, now)
  }

  sweep(now: number): void {
    for (const buckets of [this.agents, this.channels, this.addresses]) buckets.sweep(now)
  }
}

/** The refusal that says when to go on. */
export function tooFast(waitMs: number): Refusal {
  return new Refusal('RATE_LIMITED', `Too much at once; go on after ${waitMs} ms.`, {
    retry_after_ms: waitMs,
  })
}

function times({ burst, perSecond }: Pace, factor: number): BucketSize {
  return { burst: burst * factor, perSecond: perSecond * factor }
}
