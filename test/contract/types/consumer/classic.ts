import { createMaskinportenValidator } from '@portvakt/core'
import { securityOf } from '@portvakt/core/openapi'
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import { openApiRoutes } from '@portvakt/fastify/openapi'
import { createTestClock } from '@portvakt/mock'
import { maskinporten } from '@portvakt/mock/setup'
import { addMaskinportenSecurity } from '@portvakt/nestjs/openapi'
import express from 'express'

const app = express()
app.use(requireMaskinportenScope((request) => `nav:${request.method}`))
app.get('/', (request, response) => void response.json(getMaskinportenToken(request).scopes))
export const made = [
  createMaskinportenValidator({ environment: 'prod' }),
  createTestClock(),
  maskinporten.issuer,
  securityOf('nav:a').operation,
  [openApiRoutes, addMaskinportenSecurity],
]
