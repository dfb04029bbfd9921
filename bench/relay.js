// The yardstick: a bare ws relay that parses a frame once and sends the string to each member.

import { WebSocketServer } from 'ws'
import { answerForParent } from './measured.js'

const channels = new Map()
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () =>
  answerForParent(server.address().port),
)
server.on('connection', (ws) => {
  ws.on('message', (data) => {
    const frame = JSON.parse(data)
    if (frame.type === 'JOIN') {
      const members = channels.get(frame.channel) ?? new Set()
      channels.set(frame.channel, members.add(ws))
      ws.send(JSON.stringify({ type: 'JOINED' }))
    } else if (frame.type === 'MSG') {
      const text = JSON.stringify({ ...frame, ts: Date.now() })
      for (const member of channels.get(frame.to) ?? []) member.send(text)
    }
  })
})
