import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectValid } from '../../packages/core/test/openapi/documents.js'
import { startExample } from './examples.js'

const FRAMEWORKS = ['Express', 'Koa', 'Hono', 'Fastify', 'NestJS']

interface Operation {
  readonly security?: readonly object[]
  readonly description?: string
  readonly responses: Readonly<Record<string, object>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const example = startExample('openapi')
let authorization = ''
const urls = new Map<string, string>()

beforeAll(async () => {
  for await (const line of example.lines) {
    const [, name, url] = /^(\w+) (http:\S+)\/openapi\.json$/.exec(line) ?? []
    if (name && url) urls.set(name, url)
    authorization = /^Authorization: (.+)$/.exec(line)?.[1] ?? ''
    if (authorization) break
  }
})
afterAll(() => example.stop())

describe.each(FRAMEWORKS)('the OpenAPI example of %s', (framework) => {
  const documentOf = async (): Promise<Document> =>
    (await fetch(`${urls.get(framework)}/openapi.json`)).json() as Promise<Document>

  it(`the OpenAPI document of the ${framework} example is valid`, async () => {
    await expectValid(await documentOf())
  })

  it(`the OpenAPI document of the ${framework} example says what each operation requires`, async () => {
    const { openapi, paths } = await documentOf()
    const list = (...scopes: string[]) => [{ maskinporten: openapi.startsWith('3.0') ? [] : scopes }]
    expect(Object.keys(paths).sort()).toEqual(['/health', '/vedtak'])
    expect(paths['/health']?.['get']?.security).toBeUndefined()
    expect(paths['/vedtak']?.['get']?.security).toEqual(list('portvakt:vedtak.read'))
    expect(paths['/vedtak']?.['post']?.security).toEqual(list('portvakt:vedtak.write'))
    expect(paths['/vedtak']?.['post']?.description).toContain(
      '- scope: `portvakt:vedtak.write`\n- consumers: ',
    )
  })

  it(`the guards of the ${framework} example answer as its OpenAPI document says`, async () => {
    const { paths } = await documentOf()
    const statusOf = async (method: string, path: string, headers = {}) =>
      (await fetch(urls.get(framework) + path, { method, headers })).status
    expect(await statusOf('GET', '/health')).toBe(200)
    for (const [method, status] of Object.entries({ get: 200, post: 403 })) {
      const documented = Object.keys(paths['/vedtak']?.[method]?.responses ?? {})
      expect(documented).toEqual(['200', '400', '401', '403', '503'])
      expect(await statusOf(method.toUpperCase(), '/vedtak')).toBe(401)
      expect(await statusOf(method.toUpperCase(), '/vedtak', { authorization })).toBe(status)
    }
  })
})
