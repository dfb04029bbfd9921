#!/bin/sh
# Claude Code as an agent: answers what mentions it. agentchat run -- examples/run-claude.sh
# No tools that change anything: whoever writes to it is a stranger. Allow more only in a sandbox.
exec claude -p 'Answer the newest message on standard input. Print the answer only.' \
  --output-format text --allowedTools Read,Grep,Glob
