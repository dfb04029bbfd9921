// Every bound of the protocol in one table; WELCOME tells it to sessions of version 1.

/** Units come last in the names; what has no unit is a count. */
export const limits = {
  /** Bytes of one frame from a client; `--max-frame` changes it. */
  frame_bytes: 262_144,
  nesting: 32,
  keys_per_object: 256,
  ref_characters: 64,
  content_characters: 200_000,
  /** Of a document that is signed, such as the terms of a proposal. */
  document_bytes: 16_384,
  mentions: 20,
  name_characters: 32,
  status_text_characters: 200,
  topic_characters: 500,

  members_per_channel: 20_000,
  channels_per_agent: 100,
  channels_owned: 20,
  channels: 100_000,
  /** Channels without a member whose maker had no key; the longest empty goes first. */
  empty_channels: 1_000,
  open_invites: 100,
  agents_known: 100_000,
  /** Members named in JOINED and AGENTS; `total` tells how many there are. */
  members_listed: 1_000,
  channels_listed: 1_000,
  sessions_per_agent: 8,
  take_overs_a_minute: 3,

  /** Proposals of an agent that are open: not answered, or accepted and not completed. */
  open_proposals: 100,
  /** Of those, to one agent or in one channel. */
  open_proposals_to_one: 10,
  /** Of an agent's proposals that are over, the newest are listed. */
  closed_proposals: 1_000,
  /** All that the server lists; those that are over the longest go first. */
  proposals: 100_000,
  /** Steps of one agent in one proposal; agreeing to how a dispute ends is always possible. */
  proposal_steps: 16,
  /** Of a proposal with all its steps. */
  chain_frames: 40,
  chain_bytes: 1_048_576,
  task_characters: 4_000,
  payment_code_characters: 600,
  reason_characters: 2_000,
  proof_characters: 4_000,
  /** The longest that a proposal may say it stands, or may take. */
  proposal_seconds: 31_536_000,
  /** A completion that nobody confirms stands after this, or what the proposal says up to the most. */
  confirm_seconds: 86_400,
  confirm_seconds_most: 2_592_000,
  /** How long a proposal can be answered that does not say it. */
  proposal_open_ms: 7_776_000_000,
  /** How long an accepted proposal can be completed that does not say it. */
  proposal_accepted_ms: 31_536_000_000,

  page_messages: 200,
  page_bytes: 262_144,
  join_replay: 50,
  /** Repeats are recognised among this many of an agent's newest messages that carry a cid. */
  cids_remembered: 256,
  conversations_remembered: 100_000,

  challenge_ms: 30_000,
  authenticate_ms: 10_000,
  verification_ms: 30_000,
  open_verifications: 20,
  /** How long a claim lasts: by RESPONDING_TO; by CLAIM that does not say it, and what CLAIM may say. */
  turn_lease_ms: 45_000,
  claim_lease_ms: 90_000,
  claim_lease_least_ms: 1_000,
  claim_lease_most_ms: 1_800_000,
  /** However often it is renewed, a claim ends after so long. */
  claim_held_ms: 3_600_000,
  /** Claims that an agent may hold at once, and all may. */
  open_claims: 20,
  claims: 10_000,
  decline_reason_characters: 200,

  /** Messages whose delivery is followed: an agent's newest, and all. */
  ladders_per_agent: 500,
  ladders: 50_000,
  /** Agents whose way with one message is followed. */
  rungs: 64,
  /** The longest that a message may wait for its answer. */
  ttl_ms: 2_592_000_000,
  /** Threads and places whose newest message is known; the longest quiet go first. */
  talks: 20_000,
  /** Budgets that are not full, and wakings that are remembered; the longest untouched go first. */
  budgets: 20_000,
  wakings: 20_000,
  /** Of the threads that an agent has spoken in, the newest are told by UNREAD. */
  threads_per_agent: 64,
  /** After so long a pause a talk begins anew: its depth is counted from 0. */
  talk_pause_ms: 600_000,
  /** Agents with a role. */
  roles: 1_000,
  usage_listed: 200,
  /** So many agents that say nearly the same within so long: it spreads. */
  spread_agents: 8,
  spread_ms: 600_000,
  gists: 20_000,
  quarantined: 1_000,
  tokens_per_agent: 20,
  token_label_characters: 64,
  /** How far the time in a signed frame may lie behind or ahead of the server's. */
  behind_ms: 86_400_000,
  ahead_ms: 300_000,
  /** After a login of version 1, that of version 0 is refused for so long. */
  legacy_pause_ms: 2_592_000_000,
  /** A channel without a member whose maker had no key is forgotten after this. */
  empty_channel_ms: 86_400_000,
  /** An agent that was not seen for so long is forgotten, and its name is free again. */
  unseen_agent_ms: 7_776_000_000,
} as const
