import { createServer } from 'node:http'
import { listening } from '../../connection.mjs'
import { AUDIENCE, ISSUER, SCOPE } from '../setting.mjs'
import { openAwsJwtVerify, pemOf } from './calls.mjs'

/** A second bare server. The difference between the two bare servers is the noise between equal servers. */
export const CONTROL = 'bare again'

/** A server with an asynchronous middleware that does nothing: the minimum cost of an asynchronous guard. */
export const ASYNCHRONOUS = 'bare, asynchronous'

/** The contestants that allow every request. */
export const UNGUARDED = ['bare', CONTROL, ASYNCHRONOUS]

/**
 * Servers with one route, `GET /`, that answers `{"ok":true}`: bare, guarded by portvakt, and guarded by each
 * peer with the settings that its documentation recommends for speed. Each entry starts its server and
 * resolves to the port.
 */
export const SERVERS = {
  Express: {
    ...unguarded(expressServer, (_request, _response, next) => void Promise.resolve().then(() => next())),
    portvakt: guarded(expressServer, () => import('@portvakt/express')),
    'express-oauth2-jwt-bearer': async ({ jwksUri }) => {
      const { auth, requiredScopes } = await import('express-oauth2-jwt-bearer')
      const options = { issuer: ISSUER, jwksUri, audience: AUDIENCE, tokenSigningAlg: 'RS256' }
      return expressServer(auth({ ...options, dpop: { enabled: false } }), requiredScopes(SCOPE))
    },
    'express-jwt + jwks-rsa': async ({ jwksUri }) => {
      const { expressjwt } = await import('express-jwt')
      const { expressJwtSecret } = (await import('jwks-rsa')).default
      const secret = expressJwtSecret({ jwksUri, cache: true })
      return expressServer(expressjwt({ secret, algorithms: ['RS256'], issuer: ISSUER, audience: AUDIENCE }))
    },
    'aws-jwt-verify': async ({ jwks }) => {
      const verifier = await openAwsJwtVerify(jwks)
      return expressServer((request, _response, next) => {
        try {
          request.user = verifier.verifySync(request.headers.authorization?.slice('Bearer '.length) ?? '')
        } catch (error) {
          return next(Object.assign(error, { status: 401 }))
        }
        return next()
      })
    },
  },

  Koa: {
    ...unguarded(koaServer, async (_context, next) => next()),
    portvakt: guarded(koaServer, () => import('@portvakt/koa')),
    'koa-jwt + jwks-rsa': async ({ jwksUri }) => {
      const { default: jwt } = await import('koa-jwt')
      const { koaJwtSecret } = (await import('jwks-rsa')).default
      const secret = koaJwtSecret({ jwksUri, cache: true })
      return koaServer(jwt({ secret, algorithms: ['RS256'], issuer: ISSUER, audience: AUDIENCE }))
    },
  },

  Fastify: {
    ...unguarded(fastifyWith, async () => undefined),
    portvakt: guarded(fastifyWith, () => import('@portvakt/fastify')),
    '@fastify/jwt, cache': ({ jwks, cacheSize }) =>
      fastifyServer(async (app) => {
        await app.register(import('@fastify/jwt'), {
          secret: { public: pemOf(jwks) },
          verify: { algorithms: ['RS256'], allowedIss: ISSUER, allowedAud: AUDIENCE, cache: cacheSize },
        })
        return (request) => request.jwtVerify()
      }),
    'fastify-jwt-jwks, cache': ({ jwksUri, cacheSize }) =>
      fastifyServer(async (app) => {
        await app.register(import('fastify-jwt-jwks'), {
          jwksUrl: jwksUri,
          issuer: ISSUER,
          audience: AUDIENCE,
          cache: cacheSize,
        })
        return app.authenticate
      }),
    'aws-jwt-verify': ({ jwks }) =>
      fastifyServer(async () => {
        const verifier = await openAwsJwtVerify(jwks)
        return async (request, reply) => {
          try {
            request.user = verifier.verifySync(request.headers.authorization?.slice('Bearer '.length) ?? '')
          } catch {
            return reply.code(401).send({ ok: false })
          }
        }
      }),
  },

  Hono: {
    ...unguarded(honoServer, async (_context, next) => next()),
    portvakt: guarded(honoServer, () => import('@portvakt/hono')),
    // hono/jwk gets its keys in advance, because with `jwks_uri` it fetches them for every request.
    'hono/jwk': async ({ jwks }) => {
      const { jwk } = await import('hono/jwk')
      return honoServer(
        jwk({ keys: jwks.keys, alg: ['RS256'], verification: { iss: ISSUER, aud: AUDIENCE } }),
      )
    },
  },
}

function unguarded(serve, asynchronous) {
  return { bare: () => serve(), [CONTROL]: () => serve(), [ASYNCHRONOUS]: () => serve(asynchronous) }
}

function guarded(serve, importAdapter) {
  return async ({ jwksUri, validatorOptions }) => {
    const { createMaskinportenValidator, requireMaskinportenScope } = await importAdapter()
    const options = { issuer: ISSUER, audience: AUDIENCE, jwksUri, ...validatorOptions }
    return serve(requireMaskinportenScope(SCOPE, { validator: createMaskinportenValidator(options) }))
  }
}

const ANSWER = { ok: true }

async function expressServer(...guards) {
  const { default: express } = await import('express')
  const app = express()
  app.get('/', ...guards, (_request, response) => void response.json(ANSWER))
  // The default error handler of Express would print every refusal by a peer.
  app.use((error, _request, response, _next) => {
    response
      .status(error.status ?? 500)
      .set(error.headers ?? {})
      .json({ ok: false })
  })
  return listening(createServer(app))
}

async function koaServer(...guards) {
  const { default: Koa } = await import('koa')
  const app = new Koa()
  app.silent = true
  for (const guard of guards) app.use(guard)
  app.use((context) => {
    context.body = ANSWER
  })
  return listening(createServer(app.callback()))
}

function fastifyWith(guard) {
  return fastifyServer(() => guard)
}

async function fastifyServer(openGuard) {
  const { default: fastify } = await import('fastify')
  const app = fastify()
  const guard = await openGuard(app)
  app.get('/', guard ? { onRequest: guard } : {}, async () => ANSWER)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app.server.address().port
}

async function honoServer(...guards) {
  const { Hono } = await import('hono')
  const { getRequestListener } = await import('@hono/node-server')
  const app = new Hono()
  app.get('/', ...guards, (context) => context.json(ANSWER))
  return listening(createServer(getRequestListener(app.fetch)))
}
