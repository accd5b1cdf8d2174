import { at, conformance, core, faults, promised, security } from './case.js'

/** README.md, “Known limits”: what is said to happen does happen, and no more than that. */
export const LIMITS = [
  promised(
    "A stolen token works until it expires: Maskinporten's tokens are bearer tokens and cannot be revoked.",
    core(
      'verifiers/verified-token-cache-verdicts',
      'the signature of a repeated token is verified only once',
    ),
    security('advisories', 'a token that was let in dies at its expiry'),
  ),
  promised(
    "Verified tokens are in this process's memory until they expire, unless `tokenCache` is `false`.",
    security('memory', 'an expired token is gone from memory without a further request'),
    core(
      'verifiers/verified-token-cache',
      'the cache removes each token when it expires, by a background timer',
    ),
    core('config/validator-options', '`tokenCache: false` turns the cache off'),
  ),
  promised(
    'A key that Maskinporten removes is trusted until the next refresh: for 15 minutes at most (`keys.maxAge` and `keys.staleWhileRevalidate`), however slowly Maskinporten answers and however rarely you are called.',
    faults('aging', 'a removed key, with an endpoint that needs 1.5 s to answer'),
    faults('rotation', 'J11 is refused within 15 minutes, though its token is presented again and again'),
    faults('rotation', 'J11 is refused by the first call after 15 minutes in which nobody called'),
  ),
  promised(
    'After a refresh that fails it is trusted until one succeeds, for 24 hours at most (`keys.maxAge` and `keys.staleIfError`).',
    core(
      'keys/key-set',
      'known keys serve for 24 hours of outage with bounded attempts, and then not at all',
    ),
    faults('aging', 'are served at once after one attempt that failed'),
  ),
  promised(
    "When several organisations' APIs share a scope, one of them can replay your callers' tokens to you, unless you require an `audience`.",
    conformance('tokens', 'an audience that nobody asked for'),
    conformance('requirements', 'another audience', 'no audience where one is asked for'),
  ),
  promised(
    'A token with `supplier` is accepted like any other unless `delegation` says otherwise; log it (`onDecision`), as Digdir demands.',
    conformance('tokens', 'a delegated token'),
    conformance('parties', 'a supplier where nobody may act for another'),
    core(
      'validator-decisions',
      'the event has caller, consumer and duration, and never the token or a person’s number',
    ),
  ),
  promised(
    'Test and production tokens look alike; one validator accepts exactly one issuer.',
    core('config/issuer', 'only the exact issuer is accepted'),
    core('claims/read-claims', 'the issuer > is compared exactly'),
    conformance('foreigners', 'a token from production'),
  ),
  promised(
    'A WebSocket passes by Express, Koa and NestJS guards: [guard the upgrade](docs/production.md#websockets).',
    security('websockets', 'of ws on a guarded Express app is open, if ws listens to the server itself'),
    security('websockets', 'of a NestJS gateway with %s is accepted without a token'),
    security('unseen', 'a listener of %s gets the socket, and the app nothing'),
    at('test/examples/websocket.test.ts', 'with a good token is a WebSocket', 'with %s is refused: %i'),
  ),
  promised(
    'So does [what else a middleware does not see](docs/production.md#what-a-middleware-does-not-see).',
    security('unseen', 'a listener of %s gets the request, and the app nothing'),
    security('unseen-routes', 'are the routes, routers and static files before it'),
    security('unseen-routes', 'on Koa, are in the middleware before it'),
    security(
      'unseen-routes',
      'on NestJS, are middleware and the adapter’s own routes, also with a global guard',
    ),
  ),
  promised(
    '`some` of `hono/combine` does not combine two guards by OR: the refusal of the first is the answer.',
    at('packages/hono/test/combine.test.ts', '`some` is not an OR of two guards: a token that %s'),
  ),
  promised(
    '[Use one guard](packages/hono/README.md#either-of-two-rules).',
    at('packages/hono/test/combine.test.ts', 'an OR of scopes is one guard with anyOf'),
    at('packages/hono/test/combine.test.ts', 'an OR of whole rules is two decisions of the validator'),
  ),
]
