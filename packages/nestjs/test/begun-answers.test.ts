import { Controller, Get } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { RequireMaskinportenScope } from '@portvakt/nestjs'
import { describe, expect, it } from 'vitest'
import { bearer, READ, start } from './vedtak-api.js'

@Controller()
class FailingController {
  @Get()
  @RequireMaskinportenScope({ scope: READ, authorize: () => Promise.reject(new Error('database')) })
  find() {
    return 'handled'
  }
}

function onExpress() {
  const adapter = new ExpressAdapter()
  adapter.use((_request: unknown, response: import('node:http').ServerResponse, next: () => void) => {
    response.writeHead(200).write('begun, ')
    next()
  })
  return adapter
}

function onFastify() {
  const adapter = new FastifyAdapter()
  adapter.getInstance().addHook('onRequest', async (_request, reply) => {
    reply.raw.writeHead(200).write('begun, ')
  })
  return adapter
}

describe('a response that has already started', () => {
  it.each([
    ['Express', onExpress],
    ['Fastify', onFastify],
  ])(
    'on %s, an error thrown by `authorize` ends the connection if the response has already started',
    async (_platform, adapter) => {
      const app = await start([FailingController], { adapter })
      const [authorization = ''] = await bearer()
      const headers = { authorization }
      const body = fetch(await app.getUrl(), { headers }).then((response) => response.text())
      await expect(body).rejects.toThrow(TypeError)
    },
  )
})
