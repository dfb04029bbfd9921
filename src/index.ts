// What `import { … } from 'agentchat'` gives.

export { AgentChat } from './client/chat.ts'
export {
  ConnectionError,
  type ConnectionReason,
  IdentityError,
  type IdentityReason,
  RefusedError,
  SecretError,
} from './client/errors.ts'
export {
  fileKnownServers,
  loadIdentity,
  loadToken,
  saveIdentity,
  saveToken,
} from './client/files.ts'
export { createIdentity, type Identity } from './client/identity.ts'
export type { KnownServers } from './client/known-servers.ts'
export type {
  ConnectionState,
  ConnectOptions,
  Frame,
  HistoryOptions,
  Message,
  OnceOptions,
  ReadOptions,
  SendOptions,
  WaitOptions,
} from './client/options.ts'
export {
  type ChainFault,
  type CheckedChain,
  type CheckedStep,
  checkChain,
} from './client/proposal-chain.ts'
export type { ReadProposal } from './client/proposal-reading.ts'
export type {
  AcceptOptions,
  CompleteOptions,
  DisputeOptions,
  FundOptions,
  ListOptions,
  ProposalState,
  Proposals,
  ProposeOptions,
  ReasonOptions,
  SettleOptions,
} from './client/proposals.ts'
export {
  type CompletedBy,
  type ReceiptVerdict,
  type ValidReceipt,
  verifyReceipt,
} from './client/receipt.ts'
export type { SignedProposal } from './client/signed-proposal.ts'
export { createToken, type NewToken } from './client/tokens.ts'
export { type Verdict, verifyMessage } from './client/verifying.ts'
export type { RefusalCode } from './protocol/errors.ts'
export type {
  AnswerType,
  AskFields,
  AskType,
  Heard,
  TellFields,
  TellType,
} from './protocol/frames.ts'
