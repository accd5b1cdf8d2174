import { at, attack, conformance, core, promised, security } from './case.js'

const TABLE = core('http/denial', 'the answer table > %s is %i')
const EXPRESS = 'packages/express/test/require-maskinporten-scope.test.ts'
const KOA = 'packages/koa/test/require-maskinporten-scope.test.ts'
const FASTIFY = 'packages/fastify/test/require-maskinporten-scope.test.ts'
const NESTJS = 'packages/nestjs/test/platforms.test.ts'
const HONO = 'packages/hono/test/require-maskinporten-scope.test.ts'
const FETCH = 'packages/fetch/test/require-maskinporten-scope.test.ts'

/** README.md, “What a caller is told”. */
export const ANSWERS = [
  promised(
    'no credentials, or another scheme | 401 | `Bearer realm="maskinporten"`',
    TABLE,
    conformance('credentials', 'no credentials', 'an empty header', 'another scheme', 'a bare token'),
  ),
  promised(
    'several credentials: two Authorization headers, comma-joined | 400 | `… error="invalid_request"`',
    TABLE,
    conformance('credentials', 'two headers, the good one first', 'two headers, the good one last'),
    conformance('credentials', 'two tokens joined by a comma', 'another scheme joined on'),
  ),
  promised(
    'token empty, malformed, bad, expired, wrong issuer or audience, unknown key | 401 | `… error="invalid_token"`',
    TABLE,
    conformance('credentials', 'the scheme alone', 'a word'),
    conformance('tokens', 'a signature of something else', 'an expired token', 'an unknown key'),
    conformance('foreigners', 'a token from elsewhere'),
    conformance('requirements', 'another audience'),
  ),
  promised(
    'scope missing | 403 | `… error="insufficient_scope", scope="<what the route requires>"`',
    TABLE,
    conformance('requirements', 'no scope', 'a scope that begins alike', 'a nested requirement that is not'),
  ),
  promised(
    'consumer, delegation, system user, consent, person or own rule refused; with default deny (Fastify, NestJS) a route that no guard covers | 403 | none',
    TABLE,
    conformance('requirements', 'a consumer that is not on the list', 'a rule that says no'),
    conformance('parties', 'a supplier where nobody may act for another', 'a call about somebody else'),
    conformance('parties', 'no system user where one is required'),
    conformance('consents', 'no consent'),
    at('packages/fastify/test/plugin.test.ts', 'default deny > answers without a challenge'),
    at(NESTJS, 'a global guard refuses every caller of a handler without a decorator'),
  ),
  promised(
    "Maskinporten's keys are unavailable, or Texas cannot introspect the token | 503 + `Retry-After` | none",
    core(
      'validator-keys',
      'a good token is never answered with 401: without keys it is 503 with Retry-After',
    ),
    core('config/learned-issuer', 'the answer is 503 while metadata %s, and nothing else is fetched'),
    at(EXPRESS, 'answers 503 with Retry-After and without a challenge while keys are unavailable'),
    conformance('routing', 'a good token while nobody can be asked'),
  ),
  promised(
    'The body is `application/problem+json` with a stable `code` and `reason`: `{"title":"Unauthorized","status":401,"detail":"The token has expired. Get a new one.","code":"invalid_token","reason":"expired"}`.',
    TABLE,
    core('http/denial', 'the body of `expired` is exactly the one in the README'),
  ),
  promised(
    'Every refusal is `Cache-Control: no-store`.',
    TABLE,
    core('http/denial', 'every denial has `cache-control: no-store`: %s'),
    at('test/conformance/conformance.test.ts', '$name over HTTP/2 > %s'),
    security('attacks', '$name > %s'),
  ),
  promised(
    'Nothing from the token reaches a header or a body.',
    attack('http', 'line breaks, escape sequences and quotes in %s'),
    core('validator', 'a refusal by a demand has no personal data in its answer'),
    security('attacks', '$name > %s'),
  ),
  promised(
    "The checks run in this order: form, algorithm and key, signature, the claims' form, time, issuer, audience, scope, consumer, delegation, system user, consent, person, own rule.",
    core(
      'decision/explain',
      'an explanation lists every check in the order of a decision, with what it requires',
    ),
    core(
      'requirements/requirement',
      'a requirement is compiled to its demands, in their order, and cannot be changed afterwards',
    ),
    core('validator', 'the order of the checks decides the answer', 'demands are checked in order: %s'),
  ),
  promised(
    'So an expired token is 401 whatever its scope.',
    conformance('tokens', 'an expired token that also lacks the scope'),
  ),
  promised(
    'A token that is Maskinporten-like but not yours to accept has a reason of its own: `wrong_environment` (a test token in production, or the reverse), `phased_out_environment` (ver1, ver2), `idporten_token`, `skyporten_token`, `altinn_token` (exchanged there), `client_assertion` (the grant sent in place of the token), `nais_scope_name` (a scope as nais.yaml writes it).',
    core(
      'claims/foreign-token',
      'a token from another issuer is refused with the reason that its claims show > %s',
    ),
    core(
      'claims/foreign-token',
      '%s is 401 with a fixed text',
      'answers a name from nais.yaml like any other missing scope',
    ),
    conformance('foreigners', 'a token from production', 'a token from ID-porten', 'a token from Skyporten'),
    conformance('foreigners', 'a token that was exchanged at Altinn', 'a grant in place of the token'),
    conformance('requirements', 'a scope as nais.yaml writes it'),
  ),
  promised(
    'With `NODE_DEBUG=portvakt`, and under `portvakt run`, each refusal is one line on standard error: method and path, reason, scopes and hint, without the query and without national identity numbers.',
    core(
      'decision/refusal-line',
      'NODE_DEBUG is read when a validator is made, and each refusal prints one line',
    ),
    at(
      'test/conformance/events.test.ts',
      'a refusal prints one line, with the method %s and the whole path %s',
      'a refusal because of the person prints neither number',
    ),
    at('test/cli/cli.test.ts', 'shows each refusal of its command as a line on standard error'),
  ),
  promised(
    'The event of `onDecision` says in `hint` what each reason means and what to do.',
    core(
      'errors/reasons',
      '%s has a hint: sentences that say what happened and what to do',
      'every reason > has a unique cause',
    ),
    core('claims/foreign-token', 'and the event says what to do'),
  ),
  promised(
    'An error thrown by your own rule, or by `pid`, goes to your error handler.',
    core('validator', '`verify` rejects with what the `pid` function throws'),
    conformance('parties', 'a person that cannot be told'),
    at(EXPRESS, 'hands an error of the application’s own rule to its error handler, untouched'),
    at(KOA, 'gives its own rule’s error to Koa, untouched'),
    at(FASTIFY, 'hands an error of the application’s own rule to its error handler, untouched'),
    at(NESTJS, 'leaves an error of the application’s own rule to NestJS, untouched'),
    at(HONO, 'gives its own rule’s error to app.onError, untouched'),
    at(FETCH, 'rejects with the handler’s error, and with its own rule’s, untouched'),
  ),
  promised(
    'To see why a token is refused, explain it: every check, passed or failed, with what it means and what to do.',
    core(
      'decision/explain',
      'an explanation lists every check in the order of a decision, with what it requires',
      'an explanation says what a failure means and what to do',
    ),
    core('decision/explain-agreement', '%s never disagree, for any token and requirement'),
    core('decision/explain', 'an explanation has a text for people'),
  ),
  promised(
    'It fetches nothing and decides nothing.',
    core(
      'decision/explain',
      'an explanation fetches nothing, and says so when keys are missing',
      'an explanation is undecided about a key for which a request would fetch, and does not call `onDecision`',
    ),
    core('texas-validator', 'an explanation does not call Texas, and leaves its step undecided'),
  ),
]
