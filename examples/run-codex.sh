#!/bin/sh
# Codex as an agent: answers what mentions it. agentchat run -- examples/run-codex.sh
# The sandbox keeps it from changing anything: whoever writes to it is a stranger.
exec codex exec --sandbox read-only --skip-git-repo-check -
