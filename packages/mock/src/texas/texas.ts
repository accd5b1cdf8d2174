import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { RegisteredClient } from '../registry/client.js'
import { inactive, TexasIntrospection } from './introspection.js'
import { readTexasRequest, TexasError, type TexasRequest } from './request.js'
import { readWanted, TexasTokens } from './tokens.js'
import type { TexasUpstream } from './upstream.js'

/**
 * Texas, the NAIS sidecar that gets and introspects tokens for an application. The only identity provider here
 * is Maskinporten.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function createTexas(upstream: TexasUpstream): Hono {
  const tokens = new TexasTokens(upstream)
  const introspection = new TexasIntrospection(upstream)

  function clientOf(context: Context, provider: string): RegisteredClient {
    const client = upstream.client(context.req.param('clientId'))
    if (client && provider === 'maskinporten') return client
    throw new TexasError(400, 'invalid_request', notEnabled(provider))
  }

  // Check the members of a request before its provider, as Texas does.
  const endpoints = new Hono()
    .post('/token', (context) =>
      answer(context, async (request) => {
        const provider = request.provider()
        const wanted = readWanted(request)
        const skipCache = request.flag('skip_cache')
        return JSON.stringify(await tokens.tokenFor(clientOf(context, provider), wanted, skipCache))
      }),
    )
    .post('/token/exchange', (context) =>
      answer(context, async (request) => {
        const provider = request.provider()
        for (const name of ['target', 'user_token']) request.text(name)
        request.flag('skip_cache')
        clientOf(context, provider)
        // A token exchange acts on behalf of a user, and Maskinporten does not have users.
        const description = `identity provider '${provider}' does not support token exchange`
        throw new TexasError(400, 'invalid_request', description)
      }),
    )
    .post('/introspect', (context) =>
      answer(context, async (request) => {
        const provider = request.provider()
        const token = request.text('token')
        const isEnabled = provider === 'maskinporten'
        const { isActive, body } = isEnabled
          ? await introspection.introspect(token)
          : inactive(notEnabled(provider))
        upstream.noteIntrospection(context.req.raw, isActive)
        return body
      }),
    )
  for (const path of ['/token', '/token/exchange', '/introspect'])
    endpoints.all(path, (context) => context.body(null, 405, { allow: 'POST' }))
  endpoints.all('*', (context) => context.body(null, 404))
  return new Hono().route('/api/v1', endpoints).route('/texas/:clientId/api/v1', endpoints)
}

async function answer(context: Context, handle: (request: TexasRequest) => Promise<string>) {
  try {
    const body = await handle(await readTexasRequest(context.req.raw))
    return context.body(body, 200, { 'content-type': 'application/json' })
  } catch (error) {
    if (!(error instanceof TexasError)) throw error
    return context.json(error.body, error.status as ContentfulStatusCode, error.headers)
  }
}

const notEnabled = (provider: string) => `identity provider '${provider}' is not enabled`
