import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

/** Serves the other organisation's API on a free port on this machine. */
export async function serveApi() {
  const app = express().get(
    '/vedtak',
    requireMaskinportenScope('portvakt:demo.read'),
    (request, response) => {
      const { consumer, clientId } = getMaskinportenToken(request)
      response.json({ consumer: consumer.organisationNumber, clientId })
    },
  )
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
