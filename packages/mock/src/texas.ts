import type { Clock } from '@portvakt/core'
import { type Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { RegisteredClient } from './mock-client.js'
import type { NaisVariables } from './nais/variables.js'
import { TexasIntrospection } from './texas-introspection.js'
import { providerIn, readTexasRequest, TexasError, type TexasRequest, textIn } from './texas-request.js'
import { TexasTokens } from './texas-token.js'

/** What Texas has beside it: Maskinporten, and the clients it acts for. */
export interface TexasSurroundings {
  readonly issuer: string
  readonly clock: Clock
  /** The client a Texas belongs to: by its id, or the default one. */
  client(clientId: string | undefined): RegisteredClient | undefined
  askTokenEndpoint(init: RequestInit): Promise<Response>
  fetchKeys(): Promise<Response>
}

/**
 * Where the Texas of one client answers. On NAIS each application has its own beside it; here a path tells them
 * apart, and without it the default client is meant.
 */
export function texasVariables(address: string, clientId: string): Partial<NaisVariables> {
  const base = new URL(`/texas/${encodeURIComponent(clientId)}/api/v1/`, address)
  return {
    NAIS_TOKEN_ENDPOINT: new URL('token', base).href,
    NAIS_TOKEN_EXCHANGE_ENDPOINT: new URL('token/exchange', base).href,
    NAIS_TOKEN_INTROSPECTION_ENDPOINT: new URL('introspect', base).href,
  }
}

/**
 * Texas, the sidecar of NAIS that gets and introspects tokens for an application, with Maskinporten as its only
 * identity provider.
 *
 * @see https://docs.nais.io/auth/reference/#texas
 */
export function createTexas(beside: TexasSurroundings): Hono {
  const tokens = new TexasTokens(beside.clock, beside.issuer, (init) => beside.askTokenEndpoint(init))
  const introspection = new TexasIntrospection(beside.clock, beside.issuer, () => beside.fetchKeys())

  function clientOf(context: Context, provider: string): RegisteredClient {
    const client = beside.client(context.req.param('clientId'))
    if (client && provider === 'maskinporten') return client
    throw new TexasError(400, 'invalid_request', notEnabled(provider))
  }

  const endpoints = new Hono()
    .post('/token', (context) =>
      answer(context, (request) => tokens.tokenFor(clientOf(context, providerIn(request)), request)),
    )
    .post('/token/exchange', (context) =>
      answer(context, async (request) => {
        const provider = providerIn(request)
        clientOf(context, provider)
        // A user's token is exchanged for one on the user's behalf, and Maskinporten has no users.
        const description = `identity provider '${provider}' does not support token exchange`
        throw new TexasError(400, 'invalid_request', description)
      }),
    )
    .post('/introspect', (context) =>
      answer(context, async (request) => {
        const provider = providerIn(request)
        const token = textIn(request, 'token')
        if (provider === 'maskinporten') return introspection.introspect(token)
        return { active: false, error: notEnabled(provider) }
      }),
    )
  return new Hono().route('/api/v1', endpoints).route('/texas/:clientId/api/v1', endpoints)
}

async function answer(context: Context, handle: (request: TexasRequest) => Promise<object>) {
  try {
    return context.json(await handle(await readTexasRequest(context.req.raw)))
  } catch (error) {
    if (!(error instanceof TexasError)) throw error
    return context.json(error.body, error.status as ContentfulStatusCode)
  }
}

function notEnabled(provider: string): string {
  return `identity provider '${provider}' is not enabled`
}
