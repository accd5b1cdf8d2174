import express = require('express')
import core = require('@portvakt/core')
import openapi = require('@portvakt/core/openapi')
import guards = require('@portvakt/express')
import mock = require('@portvakt/mock')

const app = express()
app.use(guards.requireMaskinportenScope({ scope: { anyOf: ['nav:a', 'nav:b'] }, consumers: ['889640782'] }))
app.get('/', (request, response) => void response.json(request.maskinporten?.consumer))
export const made = [
  core.createMaskinportenValidator({ environment: 'prod' }),
  mock.createTestClock(),
  openapi.securityOf('nav:a'),
]
