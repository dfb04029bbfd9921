// What a tool of MCP is: declared once, as a row with its input, its hints and what it does.

import type { ToolAnnotations } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { AgentChat } from '../../client/chat.ts'

/** Those of the protocol, without the sentence that each tool would carry along. */
export const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
export const messageId = z.string().regex(/^[0-9A-Za-z_.:-]{1,64}$/)

/** What a tool works with. */
export interface Call {
  readonly chat: AgentChat
  /** Aborted when the client no longer wants the answer. */
  readonly signal: AbortSignal
  /** Tells a client that asked for it that the work goes on. */
  progress(message: string): Promise<void>
}

/** What a tool gives: the same for a model, and for a program. */
export interface Outcome {
  /** What others have said is in envelopes. */
  readonly text: string
  /** Ids, positions and words of the protocol; nothing that others have worded. */
  readonly facts: Readonly<Record<string, unknown>>
  /** It was refused, and yet there is something to tell. */
  readonly isError?: boolean
}

export interface Tool {
  readonly name: string
  readonly description: string
  readonly input: z.ZodObject
  readonly annotations: ToolAnnotations
  run(args: Readonly<Record<string, unknown>>, call: Call): Promise<Outcome>
}

interface Declared<S extends z.ZodObject> extends Omit<Tool, 'input' | 'run'> {
  readonly input: S
  run(args: z.infer<S>, call: Call): Promise<Outcome>
}

/** Declares a tool; its input gives the types of what it runs with. */
export function tool<S extends z.ZodObject>(declared: Declared<S>): Tool {
  return declared as unknown as Tool // it is only ever run with what its own input has read
}
