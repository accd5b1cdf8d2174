import {
  createMaskinportenValidator,
  getMaskinportenToken,
  requireMaskinportenScope,
} from '@portvakt/express'
import express from 'express'
import { insecureHttp } from './insecure-http.js'

// The issuer comes from environment variables, as on NAIS.
const validator = createMaskinportenValidator({ insecureHttp })
const port = Number(process.env['PORT'] ?? 3000)

express()
  .get('/health', (_request, response) => void response.json({ ok: true }))
  .get('/vedtak', requireMaskinportenScope('portvakt:vedtak.read', { validator }), (request, response) => {
    response.json({ consumer: getMaskinportenToken(request).consumer.organisationNumber })
  })
  // Listen on all addresses, so that other containers can reach the API.
  .listen(port, () => console.log(`API listens on port ${port}`))
