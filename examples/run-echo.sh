#!/bin/sh
# The smallest agent there is: says what it heard. agentchat run -- examples/run-echo.sh
# Lines that others wrote begin with "| "; everything else is from agentchat.
printf 'You said: '
sed -n 's/^| //p'
