// A provider as deployed in production, without any code for a mock.
import { getMaskinportenToken, requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

const server = express()
  .get('/afp', requireMaskinportenScope('nav:helse/sykepenger/afp.read'), (request, response) => {
    response.json({ consumer: getMaskinportenToken(request).consumer.organisationNumber })
  })
  .listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    process.stdout.write(`API http://127.0.0.1:${server.address().port}/afp\n`)
  })
