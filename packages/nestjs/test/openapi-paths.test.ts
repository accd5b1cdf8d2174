import { Controller, Get } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { MaskinportenModule, RequireMaskinportenScope } from '@portvakt/nestjs'
import { addMaskinportenSecurity } from '@portvakt/nestjs/openapi'
import { expect, test } from 'vitest'
import { READ, validator } from './vedtak-api.js'

const express = () => new ExpressAdapter()
const fastify = () => new FastifyAdapter()

/** Adds security to a document with one operation, for an application with one route. */
async function secured(route: string, operation: string, adapter: () => ExpressAdapter | FastifyAdapter) {
  @Controller('api')
  class FilesController {
    @Get(route)
    @RequireMaskinportenScope(READ)
    get() {}
  }
  const module = await Test.createTestingModule({
    imports: [MaskinportenModule.forRoot({ validator })],
    controllers: [FilesController],
  }).compile()
  const app = await module.createNestApplication(adapter()).init()
  const get: { responses: object; security?: object } = { responses: {} }
  try {
    return addMaskinportenSecurity({ openapi: '3.1.0', paths: { [operation]: { get } } }, app).paths[
      operation
    ]?.get.security
  } finally {
    await app.close()
  }
}

test.each([
  ['v:major.:minor', '/api/v{major}.{minor}', express],
  ['files/*path', '/api/files/{path}', express],
  ['files{/:id}', '/api/files/{id}', express],
  ['files{-:id}', '/api/files-{id}', express],
  ['files{.:ext}', '/api/files.{ext}', express],
  ['files{*path}', '/api/files{path}', express],
  ['files/(.*)', '/api/files/{path}', express],
  ['files/*', '/api/files/{path}', fastify],
  ['files/:id(^\\d+)', '/api/files/{id}', fastify],
  ['files/:id?', '/api/files/{id}', fastify],
  ['files/::id', '/api/files/:id', fastify],
] as const)('a route with the path %s secures the operation %s', async (route, operation, adapter) => {
  expect(await secured(route, operation, adapter)).toEqual([{ maskinporten: [READ] }])
})

test.each([
  ['files{.:ext}', '/api/files{ext}', express],
  ['files/x*path', '/api/files/{path}', express],
] as const)(
  'a route with the path %s does not secure the operation %s',
  async (route, operation, adapter) => {
    await expect(secured(route, operation, adapter)).rejects.toThrow(`No controller routes GET ${operation}`)
  },
)
