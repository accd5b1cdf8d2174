import { createServer, type Server } from 'node:http'
import { getMaskinportenToken, type MaskinportenValidator, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'
import { WebSocketServer } from 'ws'
import { guardUpgrades } from './guard-upgrades.js'

/**
 * An Express app and WebSockets on one server: Express never sees an upgrade request, so its guard cannot
 * check one.
 */
export function createApp(validator: MaskinportenValidator): Server {
  const app = express()
  app.use(requireMaskinportenScope('portvakt:vedtak.read', { validator }))
  app.get('/vedtak', (request, response) => {
    response.json({ consumer: getMaskinportenToken(request).consumer.organisationNumber })
  })
  const server = createServer(app)

  // With `{ server }` in place of `noServer`, ws would listen for upgrades itself, without a guard.
  const webSockets = new WebSocketServer({ noServer: true })
  guardUpgrades(server, 'portvakt:vedtak.read', validator, (request, socket, head, token) => {
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.send(JSON.stringify({ consumer: token.consumer.organisationNumber }))
    })
  })
  server.on('close', () => webSockets.close())
  return server
}
