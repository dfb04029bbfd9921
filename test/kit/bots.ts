// Bots without judgement: they answer whatever they hear, at once, for ever.

import type { Heard } from '../../src/protocol/frames.ts'
import type { Actor } from './actor.ts'

export interface Habits {
  /** Answers stand in the thread of what they answer, or by themselves in its place. */
  readonly where: 'thread' | 'place'
  /** Waits as long as a refusal says; others try again whenever they can. */
  readonly isPatient: boolean
}

/** One bot. It claims questions that expect a reply before it answers them; that much it has learnt. */
export class Bot {
  readonly actor: Actor
  /** Whom the server named when the bot came too late for a question. */
  readonly toldHolders: string[] = []
  said = 0
  refusals = 0
  private readonly habits: Habits
  private owed: Heard<'MSG'>[] = []
  private claimed: { readonly question: Heard<'MSG'>; readonly fence: number } | undefined
  private silentUntil = 0

  constructor(actor: Actor, habits: Habits) {
    this.actor = actor
    this.habits = habits
  }

  /** Hears what was said, and says what it can. @returns whether it has said or claimed something */
  async acts(now: number): Promise<boolean> {
    const before = this.said
    if (this.claimed) await this.answersQuestion()
    const heard = await this.actor.heardSoFar('MSG')
    const others = heard.filter(({ from }) => from !== this.actor.id)
    for (const one of others) if (one.expects === 'reply') await this.claims(one)
    const due = [...this.owed, ...others.filter(({ expects }) => expects !== 'reply')]
    this.owed = due
    if (this.habits.isPatient && now < this.silentUntil) return this.isBusy(before)
    this.owed = []
    for (const message of due) {
      if (await this.answers(message, now)) continue
      // Of all that it could not say it keeps the newest in mind.
      this.owed = due.slice(-1)
      break
    }
    return this.isBusy(before)
  }

  private isBusy(saidBefore: number): boolean {
    return this.said > saidBefore || this.claimed !== undefined
  }

  /** @returns false when it was refused */
  private async answers(message: Heard<'MSG'>, now: number): Promise<boolean> {
    const { msg_id, to, from } = message
    const place = to.startsWith('#') ? to : from
    const thread = this.habits.where === 'thread' ? { in_reply_to: msg_id } : {}
    const answer = await this.actor.tries('MSG', { to: place, content: 'Thank you!', ...thread })
    if (answer.type !== 'ERROR') {
      this.said += 1
      return true
    }
    this.refusals += 1
    this.silentUntil = now + Number(Reflect.get(answer, 'retry_after_ms') ?? 0)
    return false
  }

  private async claims(question: Heard<'MSG'>): Promise<void> {
    const answer = await this.actor.tries('CLAIM', { msg_id: question.msg_id })
    if (answer.type === 'CLAIMED') {
      this.claimed = { question, fence: (answer as Heard<'CLAIMED'>).fence } // its type was just looked at
    } else this.toldHolders.push(String(Reflect.get(answer, 'holder') ?? Reflect.get(answer, 'by')))
  }

  private async answersQuestion(): Promise<void> {
    if (!this.claimed) return
    const { question, fence } = this.claimed
    this.claimed = undefined
    await this.actor.answers(question, 'It is I.', { fence })
    this.said += 1
  }
}

const endless = 1_000

/** Lets the bots talk until none of them has anything more to say, or may. */
export async function untilQuiet(bots: readonly Bot[], now: number): Promise<void> {
  for (let round = 0; round < endless; round++) {
    let isLoud = false
    for (const bot of bots) isLoud = (await bot.acts(now)) || isLoud
    if (!isLoud) return
  }
  throw new Error('The bots find no end.')
}
