import { Controller, Get } from '@nestjs/common'
import { addMaskinportenSecurity } from '@portvakt/nestjs/openapi'
import { expect, test } from 'vitest'
import { onExpress, onFastify, READ, requireRead, start } from './vedtak-api.js'

/** Adds security to a document with one operation, for an application with one route. */
async function secured(route: string, operation: string, adapter: () => object) {
  @Controller('api')
  class FilesController {
    @Get(route)
    @requireRead
    get() {}
  }
  const get: { responses: object; security?: object } = { responses: {} }
  const document = { openapi: '3.1.0', paths: { [operation]: { get } } }
  return addMaskinportenSecurity(document, await start([FilesController], { adapter })).paths[operation]?.get
    .security
}

test.each([
  ['v:major.:minor', '/api/v{major}.{minor}', onExpress],
  ['files/*path', '/api/files/{path}', onExpress],
  ['files{/:id}', '/api/files/{id}', onExpress],
  ['files{-:id}', '/api/files-{id}', onExpress],
  ['files{.:ext}', '/api/files.{ext}', onExpress],
  ['files{*path}', '/api/files{path}', onExpress],
  ['files/(.*)', '/api/files/{path}', onExpress],
  ['files/*', '/api/files/{path}', onFastify],
  ['files/:id(^\\d+)', '/api/files/{id}', onFastify],
  ['files/:id?', '/api/files/{id}', onFastify],
  ['files/::id', '/api/files/:id', onFastify],
] as const)('a route with the path %s secures the operation %s', async (route, operation, adapter) => {
  expect(await secured(route, operation, adapter)).toEqual([{ maskinporten: [READ] }])
})

test.each([
  ['files{.:ext}', '/api/files{ext}', onExpress],
  ['files/x*path', '/api/files/{path}', onExpress],
] as const)(
  'a route with the path %s does not secure the operation %s',
  async (route, operation, adapter) => {
    await expect(secured(route, operation, adapter)).rejects.toThrow(`No controller routes GET ${operation}`)
  },
)
