// What was taken up and what of it is done: the cursor passes only what is done, in order.

export class Ledger {
  /** By rising position. */
  private readonly open: { readonly position: number; isDone: boolean }[] = []

  /** Positions rise from call to call. */
  begin(position: number): void {
    this.open.push({ position, isDone: false })
  }

  /** @returns up to where everything is done now, if that is further than before */
  finish(position: number): number | undefined {
    const entry = this.open.find((one) => one.position === position)
    if (entry) entry.isDone = true
    let upTo: number | undefined
    for (let first = this.open[0]; first?.isDone; first = this.open[0]) {
      upTo = first.position
      this.open.shift()
    }
    return upTo
  }
}
