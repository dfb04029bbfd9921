// Delivers a turn's news: each frame is made once, and each socket is written to once.

import type { Audience } from '../../core/audience.ts'
import type { Told } from '../../core/context.ts'
import type { SessionId } from '../../core/entry.ts'
import type { CloseName } from '../../protocol/errors.ts'
import { frameText } from './framing.ts'
import type { Outlet, Piece } from './outlet.ts'

/** The news of one turn for one audience. Most sockets hear one batch a turn, and share its bytes. */
interface Batch {
  readonly audience: Audience
  readonly pieces: Piece[]
  /** The place of each piece among all of the turn. */
  readonly order: number[]
  bytes: Buffer | undefined
}

export class Outbox {
  private readonly outlets = new Map<SessionId, Outlet>()
  /** Audiences never change, so neither do their outlets; those that closed in the meantime ignore writes. */
  private readonly known = new WeakMap<Audience, readonly Outlet[]>()
  private batches = new Map<Audience | SessionId, Batch>()
  private closing: { readonly audience: Audience; readonly name: CloseName }[] = []
  private count = 0

  open(outlet: Outlet): void {
    this.outlets.set(outlet.id, outlet)
  }

  drop(id: SessionId): void {
    this.outlets.delete(id)
  }

  outlet(id: SessionId): Outlet | undefined {
    return this.outlets.get(id)
  }

  all(): IterableIterator<Outlet> {
    return this.outlets.values()
  }

  /** Takes news to be delivered by the next `flush`. */
  add({ audience, text, position, closes }: Told): void {
    if (audience.length === 0) return
    // Answers to one session come with an audience of their own each, and are one batch all the same.
    const key = audience.length === 1 ? (audience[0] ?? audience) : audience
    const batch = this.batches.get(key) ?? this.openBatch(key, audience)
    batch.pieces.push({ frame: frameText(text), position })
    batch.order.push(this.count++)
    if (closes) this.closing.push({ audience, name: closes })
  }

  /** Writes all that was taken, in order, to each socket that hears it. */
  flush(): void {
    if (this.count === 0) return
    const { batches, closing } = this
    this.batches = new Map()
    this.closing = []
    this.count = 0
    for (const [outlet, heard] of this.byOutlet(batches.values())) this.deliver(outlet, heard)
    for (const { audience, name } of closing) {
      for (const outlet of this.outletsOf(audience)) outlet.close(name)
    }
  }

  private openBatch(key: Audience | SessionId, audience: Audience): Batch {
    const batch = { audience, pieces: [], order: [], bytes: undefined }
    this.batches.set(key, batch)
    return batch
  }

  private outletsOf(audience: Audience): readonly Outlet[] {
    const before = this.known.get(audience)
    if (before) return before
    const outlets = audience.flatMap((id) => this.outlets.get(id) ?? [])
    this.known.set(audience, outlets)
    return outlets
  }

  /** What each outlet hears: one batch, as it mostly is, or several. */
  private byOutlet(batches: Iterable<Batch>): Map<Outlet, Batch | Batch[]> {
    const heard = new Map<Outlet, Batch | Batch[]>()
    for (const batch of batches) {
      for (const outlet of this.outletsOf(batch.audience)) {
        const before = heard.get(outlet)
        if (before === undefined) heard.set(outlet, batch)
        else if (Array.isArray(before)) before.push(batch)
        else heard.set(outlet, [before, batch])
      }
    }
    return heard
  }

  private deliver(outlet: Outlet, heard: Batch | Batch[]): void {
    if (Array.isArray(heard)) outlet.put(inOrder(heard))
    else if (!outlet.flowing) outlet.put(heard.pieces)
    else {
      heard.bytes ??= join(heard.pieces)
      outlet.write(heard.bytes)
    }
  }
}

function join(pieces: readonly Piece[]): Buffer {
  const [first] = pieces
  if (first && pieces.length === 1) return first.frame
  return Buffer.concat(pieces.map(({ frame }) => frame))
}

/** The pieces of several batches, as they were told. */
function inOrder(batches: readonly Batch[]): Piece[] {
  const placed = batches.flatMap(({ pieces, order }) =>
    pieces.map((piece, index) => ({ piece, at: order[index] ?? 0 })),
  )
  placed.sort((one, other) => one.at - other.at)
  return placed.map(({ piece }) => piece)
}
