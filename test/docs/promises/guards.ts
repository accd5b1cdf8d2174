import { at, COPIES, conformance, core, packaging, promised, security } from './case.js'

const DETAILS = 'claims/authorization-details'
const CLI = 'test/cli/cli.test.ts'
const MOCK = 'packages/mock/test'
const SETUP = at(
  'test/setup/runners.test.ts',
  'the set-up file works, and the process then ends by itself > in %s',
)
/** The lowest and the newest version of a framework. */
const VERSIONS = [
  packaging('peers', '@portvakt/%s declares what is tested', '$title > passes the conformance suite'),
  at('test/docs/versions.test.ts', 'SECURITY.md names the versions that manifests declare and tests run: %s'),
]

/** README.md, “Guard an Express app”. */
export const GUARDS = [
  promised(
    "On [NAIS](https://docs.nais.io), NAV's application platform, that is all: the issuer and its keys come from the variables that `spec.maskinporten.enabled: true` injects.",
    core(
      'guard',
      'guards without a validator share one, made from the environment when the first guard is constructed',
    ),
    core('config/validator-options', 'the issuer comes from > %s'),
  ),
  promised(
    'On your own machine a mock supplies them, and tokens (a whole `app.mjs` is in [five minutes](docs/five-minutes.md)):',
    at(CLI, 'starts a mock of its own where none runs, and ends with its command’s exit code'),
    at(CLI, 'token prints a token alone, and says on the side where it is from'),
    packaging('guide', 'has one for $adapter that lets in, refuses, and is called'),
  ),
  promised(
    'A route can ask for more, by itself or on top of an `app.use`:',
    at('packages/express/test/require-maskinporten-scope.test.ts', 'guards a single route on top of that'),
  ),
  promised(
    '`scope` (required) | one full scope, `{ allOf: [...] }` or `{ anyOf: [...] }`, nested; compared exactly',
    core(
      'requirements/scope',
      'one scope requires exactly that scope',
      '`allOf` requires every scope',
      '`allOf` and `anyOf` nest',
    ),
    core('requirements/scope', '`anyOf` requires one scope'),
    core(
      'requirements/requirement',
      'a mistake in a requirement throws at construction, naming the member > %s',
    ),
    conformance('requirements', 'a scope in capitals', 'a nested requirement that is met'),
  ),
  promised(
    "`audience` | the token must be restricted to one of these URIs; replaces the validator's",
    core('validator', 'the audience of a route replaces that of the validator'),
    conformance('requirements', 'the audience of the route', 'another audience'),
  ),
  promised(
    '`consumers` | organisation numbers that may call',
    core(
      'requirements/consumers',
      'only listed consumers pass',
      'a consumer without a Norwegian organisation number never passes',
    ),
  ),
  promised(
    "`delegation` | `'allowed'` (default), `'forbidden'`, `'required'`, or `{ suppliers: [...], sources: [...] }`",
    core('requirements/delegation', 'delegation > %s'),
    conformance('tokens', 'a delegated token'),
  ),
  promised(
    "`systemUser: 'required'` | the token is a system user's: the consumer is the vendor, `token.systemUsers[0].customer` owns the system user; see [system users](docs/organisations.md#system-users)",
    conformance('parties', 'a system user', 'no system user where one is required'),
    core(DETAILS, 'is read, with the organisation that it acts for as its customer'),
  ),
  promised(
    "`consent` | `'required'` or `{ resources: [...] }`: a consent to the consumer that has not ended; `consentsInForce(token, resources)` gives it",
    core('requirements/consent', 'a consent counts until the moment it ends, without clock tolerance'),
    core(
      'requirements/consent',
      'a consent counts only when it was given to the consumer',
      'one consent must cover every required resource',
    ),
    core(
      'requirements/consent',
      '`consentsInForce` returns only consents that count, for handlers that must know whose data to give',
    ),
  ),
  promised(
    '`pid(req)` | whom the call is about; the token must be restricted to that person',
    core(
      'requirements/pid',
      'the person of the call must be that of the token',
      'a call without a person is refused',
    ),
    conformance('parties', 'a call about somebody else', 'a token about nobody'),
  ),
  promised(
    '`authorize(token, req)` | your own rule, sync or async; only `true` passes',
    core('requirements/authorize', '`authorize` lets a request pass with true, also as a promise'),
    core('requirements/authorize', '`authorize` refuses with %j'),
  ),
  promised(
    'a function of the request | returns any of the above; runs after the token is verified',
    core('validator', 'a requirement can depend on the request'),
    core('validator', 'a requirement function runs only after the token is verified'),
    core(
      'requirements/requirement',
      'a requirement can be computed from the request, and is then checked like a static one',
    ),
  ),
  promised(
    "A scope that is written as in `nais.yaml` throws at start-up and says so; `naisScopeName({ product, name, separator })` gives the full one, of the manifest's own fields.",
    core('requirements/scope', 'a mistake in a scope requirement throws at construction > %s'),
    core('requirements/scope', 'naisScopeName follows NAIS’s algorithm > %j'),
  ),
  promised(
    'What the handler gets by `getMaskinportenToken` is frozen:',
    core('claims/read-claims', 'cannot be changed by a handler, at any depth'),
    security('calls', 'K04 cannot be changed, wherever one reaches'),
  ),
  promised(
    '`consumer.organisationNumber` | `consumer` | whom to decide by: nine digits; `undefined` for an identifier of another register, then `consumer.authority` and `consumer.id`',
    core('claims/organisation', 'finds the organisation number of a Norwegian legal entity'),
    core('claims/organisation', 'keeps %s unchanged, without an organisation number'),
  ),
  promised(
    "`supplier`, `delegationSource` | `supplier`, `delegation_source` | who calls on the consumer's behalf, and where that is registered",
    core('claims/read-claims', 'with its supplier, when it is delegated'),
  ),
  promised(
    '`scopes`, `audience`, `issuer` | `scope`, `aud`, `iss` | lists, and the issuer',
    core(
      'claims/read-claims',
      'in its usual form',
      'with its audience: %s',
      'with scopes split on the space character',
    ),
  ),
  promised(
    '`issuedAt`, `expiresAt` | `iat`, `exp` | seconds since the epoch',
    core('claims/read-claims', 'in its usual form'),
  ),
  promised(
    '`clientId`, `clientAuthentication`, `tokenId` | `client_id`, `client_amr`, `jti` | for logs',
    core('claims/read-claims', 'in its usual form', 'without a member for a claim that it lacks'),
  ),
  promised(
    '`systemUsers` | `authorization_details` | its entries of this type',
    core(DETAILS, 'keeps every entry as it was signed, and lists the entries of known types'),
  ),
  promised(
    '`pid`, `authorizationDetails`, `consents`, `claims` | `pid`, `authorization_details`, all | may hold national identity numbers: read by name, and left out of a spread, `JSON.stringify`, `structuredClone` and log lines',
    core(DETAILS, 'keeps every entry as it was signed, and lists the entries of known types'),
    core('claims/read-claims', 'holds the number of the person that it is restricted to'),
    ...COPIES,
  ),
  promised('[`@portvakt/express`](packages/express/README.md) | Express 4 and 5', ...VERSIONS),
  promised('[`@portvakt/koa`](packages/koa/README.md) | Koa 2 and 3', ...VERSIONS),
  promised('[`@portvakt/fastify`](packages/fastify/README.md) | Fastify 5', ...VERSIONS),
  promised(
    '[`@portvakt/nestjs`](packages/nestjs/README.md) | NestJS 10, 11 and 12, on Express and Fastify',
    ...VERSIONS,
    at('packages/nestjs/test/platforms.test.ts', 'on %s > answers %s exactly as the Express adapter does'),
  ),
  promised('[`@portvakt/hono`](packages/hono/README.md) | Hono 4, on any runtime', ...VERSIONS),
  promised(
    '[`@portvakt/cli`](packages/cli/README.md) | the command `portvakt`: serves the mock, and starts and checks your API with it',
    at(CLI, 'talk to each other when each is started by `run`, beside one mock'),
    at(CLI, 'check tells case by case how an API answers, and ends with 1 when an answer is wrong'),
    packaging('used', 'npx runs the command %s'),
  ),
  promised(
    '[`@portvakt/fetch`](packages/fetch/README.md) | fetch handlers: Next.js, Bun, Deno, Workers',
    at(
      'packages/fetch/test/require-maskinporten-scope.test.ts',
      'hands the handler the request, the token and the platform’s other arguments',
      'finds waitUntil in any of the platform’s arguments',
    ),
  ),
  promised(
    'Runnable: [`examples/full-loop`](examples/full-loop/src) is the demo; the same three routes in each framework are in [`examples`](examples), started with `npx -y pnpm@12 --filter @portvakt/example-express start`.',
    at('test/examples/full-loop.test.ts', 'the demo ends by itself, with exit code 0'),
    at('test/examples/frameworks.test.ts', 'lets the printed %s call in', 'refuses a call without a token'),
  ),
  promised(
    "[`examples/consume`](examples/consume/src) calls an API, by its own key or by Texas, NAIS's sidecar for tokens.",
    at('test/examples/consume.test.ts', 'the consumer, unchanged, calls the API with tokens by %s'),
  ),
  promised(
    '[`examples/events`](examples/events/README.md) makes logs, metrics, traces and alerts of decisions; [`examples/two-issuers`](examples/two-issuers/README.md) takes tokens from Maskinporten and from Entra ID on one route; [`examples/compose`](examples/compose/README.md) has a mock, an API and a caller in three containers; [`examples/websocket`](examples/websocket/src/app.ts) guards WebSockets.',
    at('test/examples/events.test.ts', 'the example runs, and prints its log and its metrics'),
    at('test/examples/two-issuers.test.ts', 'a good token of either issuer is let in', 'the example runs'),
    at('test/examples/compose.test.ts', 'the caller calls the API with a token from Texas'),
    at('test/examples/websocket.test.ts', 'an upgrade on a server with an Express app', 'the example runs'),
  ),
]

/** README.md, “See it work” and “Test your own app”. */
export const TRIALS = [
  promised(
    '`npx -y pnpm@12 demo --serve` keeps it running and prints `curl` lines with fresh tokens.',
    at('test/examples/full-loop.test.ts', 'demo --serve prints curl lines that work as they stand'),
  ),
  promised(
    'It starts a mock on loopback and sets the variables before your app is imported, so the app is tested as it is:',
    SETUP,
    packaging('used', 'the mock’s set-up file sets the variables by import, and by require for Jest'),
  ),
  promised(
    'Without a test, `npx --no-install portvakt run --nais nais.yaml -- node app.js` starts your app as it is, with what its manifest would give it on NAIS (`--expose SCOPE` stands in for a provider whose manifest you do not have); the mock also issues every kind of bad token, checks your running API with them, and has a page that explains tokens.',
    at(CLI, 'talk to each other when each is started by `run`, beside one mock'),
    at(CLI, 'check tells case by case how an API answers, and ends with 1 when an answer is wrong'),
    at(
      'packages/cli/test/manifests.test.ts',
      'drop: leaves a scope without a grant off the client, and prints the condition',
    ),
    at(`${MOCK}/bad-tokens/bad-tokens.test.ts`, '$name, which $meaning, is $status $reason'),
    at('test/page/page.test.ts', 'mints and explains every kind of token without stumbling'),
  ),
  promised("For Jest, set `preset: '@portvakt/mock'`, which includes the set-up file.", SETUP),
  promised('For `node:test`, use `node --import @portvakt/mock/setup --test`.', SETUP),
]
