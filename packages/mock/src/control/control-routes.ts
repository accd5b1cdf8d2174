import { takeOptions } from '@portvakt/core/internal'
import { Hono, type HonoRequest } from 'hono'
import type { MockMaskinporten } from '../mock-interface.js'
import { ManifestError } from '../nais/manifest-error.js'
import { describeApp } from '../nais/provisioned-app.js'
import type { StartedApi } from './started-api.js'

/**
 * Returns the routes through which another process, such as a `portvakt` command, gets tokens and provisions
 * manifests.
 */
export function controlRoutes(mock: MockMaskinporten, api: StartedApi): Hono {
  return new Hono()
    .onError((error, context) => {
      if (error instanceof ManifestError)
        return context.json({ error: error.message, problems: error.problems }, 400)
      if (error instanceof TypeError || error instanceof SyntaxError)
        return context.json({ error: error.message }, 400)
      throw error
    })
    .get('/', (context) => context.json({ name: '@portvakt/mock', issuer: mock.issuer, env: mock.env }))
    .post('/tokens', async (context) => {
      const { name, options } = takeOptions(await jsonIn(context.req), ['name', 'options'], 'A token request')
      const token = name === undefined ? mock.issueToken(options) : mock.badToken(name, options)
      return context.json(await token)
    })
    .post('/scopes', async (context) => {
      mock.addScope(await jsonIn(context.req))
      return context.json({})
    })
    .post('/started', async (context) => {
      api.started(takeOptions(await jsonIn(context.req), ['port'], 'POST /portvakt/started').port)
      return context.json({})
    })
    .get('/apps', (context) => context.json(mock.apps.map(describeApp)))
    .post('/apps', async (context) => {
      const { manifests, options } = takeOptions(
        await jsonIn(context.req),
        ['manifests', 'options'],
        'POST /portvakt/apps',
      )
      refuseFiles(manifests, options)
      return context.json((await mock.provision(manifests, options)).map(describeApp))
    })
}

/**
 * Reads JSON, and requires the content type `application/json`. A page of another site cannot send this
 * content type without a CORS preflight, which the mock never allows.
 */
async function jsonIn(request: HonoRequest) {
  const [mediaType = ''] = (request.header('content-type') ?? '').split(';')
  if (mediaType.trim().toLowerCase() === 'application/json') return request.json()
  throw new TypeError('The request must be application/json')
}

/** Requires the text of each manifest, because a path would be read on the mock's machine. */
function refuseFiles(manifests: unknown, options: unknown): void {
  // Without a string in `yaml`, the file named by `file` would be read.
  const isText = (manifest: unknown) =>
    isObject(manifest) && 'yaml' in manifest && typeof manifest.yaml === 'string' && !('varsFile' in manifest)
  const hasFile = isObject(options) && 'varsFile' in options
  if (Array.isArray(manifests) && manifests.every(isText) && !hasFile) return
  throw new TypeError(
    'Over HTTP, `manifests` is a list with the text of each in `yaml`, and values in `vars`',
  )
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
