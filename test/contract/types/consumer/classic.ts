import { createMaskinportenValidator } from '@portvakt/core'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import { createTestClock } from '@portvakt/mock'
import { maskinporten } from '@portvakt/mock/setup'
import express from 'express'

const app = express()
app.use(requireMaskinportenScope((request) => `nav:${request.method}`))
app.get('/', (request, response) => void response.json(getMaskinportenToken(request).scopes))
export const made = [
  createMaskinportenValidator({ environment: 'prod' }),
  createTestClock(),
  maskinporten.issuer,
]
