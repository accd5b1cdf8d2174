import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createMockMaskinporten } from '@portvakt/mock'
import ts from 'typescript5'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { send, serve } from '../contract/conformance/host.js'
import { blocksOf, ROOT } from './blocks.js'

const SCOPE = 'nav:x.read'
/** A folder below docs/, where the recipes can import the dependencies of the guides. */
const FOLDER = join(ROOT, 'docs/node_modules/.recipes')

const BLOCKS = blocksOf('docs/recipes.md').filter(({ language }) => language === 'ts')

const mock = await createMockMaskinporten()
const authorization = `Bearer ${await mock.issueToken({ scope: SCOPE, consumer: '889640782', expiresIn: 3600 })}`
beforeAll(() => {
  // The recipes use the shared validator, which environment variables configure.
  vi.stubEnv('MASKINPORTEN_ISSUER', mock.issuer)
  vi.stubEnv('MASKINPORTEN_JWKS', undefined)
  vi.stubGlobal('fetch', mock.fetch)
  mkdirSync(FOLDER, { recursive: true })
})
afterAll(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
  rmSync(FOLDER, { recursive: true })
})

type Recipe = Awaited<ReturnType<typeof recipe>>
/** The exports of the only block that contains this text. */
async function recipe(text: string) {
  const found = BLOCKS.filter(({ code }) => code.includes(text))
  expect(found).toHaveLength(1)
  const { code = '', line } = found[0] ?? {}
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 }
  const file = join(FOLDER, `line-${line}.mjs`)
  writeFileSync(file, ts.transpileModule(code, { compilerOptions }).outputText)
  return import(pathToFileURL(file).href)
}

interface Answer {
  readonly status: number | undefined
  readonly challenge: string | null | undefined
  readonly body: string
}

/** Expects a recipe to serve a request with the token, and to refuse requests without it. */
async function expectGuarded(ask: (given: string | undefined) => Promise<Answer>): Promise<void> {
  const allowed = await ask(authorization)
  expect([allowed.status, allowed.body]).toEqual([200, expect.stringContaining('0192:889640782')])
  const refused = await ask(undefined)
  expect([refused.status, refused.challenge]).toEqual([401, 'Bearer realm="maskinporten"'])
  const other = await ask(`Bearer ${await mock.issueToken({ scope: 'nav:other' })}`)
  expect([other.status, other.challenge]).toEqual([403, expect.stringContaining('insufficient_scope')])
}

const headersOf = (given: string | undefined) => (given === undefined ? {} : { authorization: given })

/** Sends a request to a function from `Request` to `Response`. */
async function overFetch(handle: (request: Request) => Promise<Response>, given: string | undefined) {
  const response = await handle(new Request('http://localhost/vedtak', { headers: headersOf(given) }))
  const { status, headers } = response
  return { status, challenge: headers.get('www-authenticate'), body: await response.text() }
}

/** Sends a request to a Node request listener. */
async function overHttp(listener: RequestListener, given: string | undefined): Promise<Answer> {
  const server = await serve(listener)
  const sent = given === undefined ? [] : ([['Authorization', given]] as const)
  const { status, headers, body } = await send(server.port, 'GET', '/vedtak', sent)
  await server.close()
  return { status, challenge: headers['www-authenticate']?.toString(), body }
}

describe('the recipes', () => {
  it.each(['serverless-http', '@codegenie/serverless-express'])(
    'the recipe with %s accepts a valid token, and refuses other requests',
    async (wrapper) => {
      const { handler } = await recipe(`from '${wrapper}'`)
      await expectGuarded(async (given) => {
        const http = { method: 'GET', path: '/vedtak', sourceIp: '127.0.0.1' }
        const request = {
          headers: { host: 'x', ...headersOf(given) },
          rawPath: '/vedtak',
          rawQueryString: '',
        }
        const event = { version: '2.0', ...request, requestContext: { http, stage: '$default' } }
        const { statusCode, headers, body } = await handler(event, {})
        return { status: statusCode, challenge: headers['www-authenticate'], body }
      })
    },
  )

  it('the recipe for Azure Functions accepts a valid token, and refuses other requests', async () => {
    const { app, HttpRequest } = createRequire(join(ROOT, 'docs/package.json'))('@azure/functions')
    const registered = vi.spyOn(app, 'http').mockReturnValue(undefined)
    await recipe("from '@azure/functions'")
    const [name, options] = registered.mock.calls.flat()
    const { handler } = Object(options)
    expect(name).toBe('vedtak')
    await expectGuarded(async (given) => {
      const request = { method: 'GET', url: 'http://localhost/vedtak', headers: headersOf(given) }
      const { status = 200, headers, body, jsonBody } = Object(await handler(new HttpRequest(request)))
      return { status, challenge: headers?.['www-authenticate'], body: body ?? JSON.stringify(jsonBody) }
    })
  })

  const { toNodeListener } = createRequire(join(ROOT, 'docs/package.json'))('h3')
  it.each<[string, string, (recipe: Recipe, given: string | undefined) => Promise<Answer>]>([
    ['h3', "from 'h3'", ({ app }, given) => overHttp(toNodeListener(app), given)],
    ['Elysia', "from 'elysia'", ({ app }, given) => overFetch((request) => app.handle(request), given)],
    ['tRPC', "from '@trpc/server'", ({ fetch }, given) => overFetch(fetch, given)],
  ])('the recipe for %s accepts a valid token, and refuses other requests', async (_title, text, ask) => {
    const found = await recipe(text)
    await expectGuarded((given) => ask(found, given))
  })

  it('the recipe for an audit log writes one line for each decision, without the token', async () => {
    const { app } = await recipe("audit: 'maskinporten'")
    const lines: string[] = []
    vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line))
    const token = await mock.issueToken({ scope: SCOPE, consumer: '889640782', supplier: '314330897' })
    expect((await overHttp(app, `Bearer ${token}`)).status).toBe(200)
    expect((await overHttp(app, undefined)).status).toBe(401)
    const caller = { consumer: '0192:889640782', supplier: '0192:314330897' }
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { allowed: true, ...caller, delegationSource: expect.any(String) },
      { allowed: false, reason: 'no_credentials' },
    ])
    expect(lines.join()).not.toContain(token.slice(-20))
  })

  it('every recipe has a test', () => {
    expect(BLOCKS).toHaveLength(7)
  })
})
