import {
  at,
  attack,
  COPIES,
  client,
  conformance,
  control,
  core,
  faults,
  packaging,
  promised,
  security,
} from './case.js'

const START = [
  core(
    'config/validator-options',
    'a wrong environment stops the start, and the message says what to set',
    'a bad option',
  ),
  at(
    'packages/express/test/require-maskinporten-scope.test.ts',
    'a mistake shows when the application starts',
  ),
  at(
    'packages/fastify/test/require-maskinporten-scope.test.ts',
    'a mistake shows when the application starts',
  ),
  at('packages/nestjs/test/module.test.ts', 'a mistake stops the start'),
]
const CERTIFICATES = 'packages/mock/test/certificates/certificates.test.ts'
const COMPOSE = 'test/examples/compose.test.ts'
const RELEASE = 'test/supply-chain/workflows.test.ts'

/** SECURITY.md. */
export const SECURITY = [
  // What is promised.
  promised(
    'Only a token with a valid signature by a key of the configured issuer is accepted, and only while it is valid by the wall clock.',
    security('calls', 'S05 is signed: whichever of its characters changes, nobody gets in'),
    security('properties', 'headers are let in exactly when the model says so and the signature is that of'),
    security('properties', 'at any time of the wall, a token is let in exactly when the model says so'),
    attack('keys', 'a token of ours before an API of production with the very same key'),
    control('scenarios', 'a token that was let in is refused at the second of its expiry'),
  ),
  promised(
    'The algorithm, the issuer and the address of the keys come from the configuration, never from the token.',
    attack('algorithm', 'an algorithm that Maskinporten has and this API’s configuration has not'),
    attack('header', 'a key of the token’s own: %s'),
    security('advisories', 'CVE-2025-59936 (get-jwks): no issuer of a token becomes an address'),
    control('controls', 'a signed token that names a key of its own, which nobody fetches'),
  ),
  promised(
    'A refusal and an error hold no token, no value from a token and no national identity number.',
    security('leaks', 'H10 an error of `verify` shows nothing of the token, of a claim or of a key'),
    security('leaks', 'an outage shows what failed and nothing that anybody sent'),
    security('leaks', 'a Texas validator shows no token when `fetch` fails with %s'),
    attack('http', 'line breaks, escape sequences and quotes in %s'),
    core('validator', 'a refusal by a demand has no personal data in its answer'),
  ),
  promised(
    'An event holds no token and no national identity number.',
    security('leaks', 'H10 an event shows nothing of the token and no person'),
    core(
      'validator-decisions',
      'the event has caller, consumer and duration, and never the token or a person’s number',
    ),
  ),
  promised(
    'Of a verified token it holds the scopes, the consumer, the supplier, the delegation source, the client id and the `jti`; of any well-formed token its key id (`kid`), which the sender of an unverified token chooses.',
    core(
      'validator-decisions',
      'the event has caller, consumer and duration, and never the token or a person’s number',
    ),
    core('validator-decisions', 'the event has no organisation before the signature is verified'),
    core('decision/event', 'names the key of every well-formed token, and of no other'),
    core(
      'decision/event',
      'an event has the scopes > %s',
      'an event has the scopes of a token only once it is verified',
    ),
  ),
  promised(
    'Nothing is printed unless `NODE_DEBUG` names `portvakt`: then each refusal is a line with the claim values of its event and the path, without query, JWTs and eleven-digit numbers.',
    core('decision/refusal-line', 'NODE_DEBUG=%j prints nothing', 'a path is printed without > %s'),
    core(
      'decision/refusal-line',
      'a line shows what an event holds, on one line and without a person’s number',
    ),
    security('leaks', 'H10 the line of a refusal shows nothing of the token, a query or a person'),
    at('test/architecture/source.test.ts', 'writes to the console only in the line per refusal'),
  ),
  promised(
    'A verified token that is logged, spread or cloned shows no national identity number, no consent and no claim beyond its typed members.',
    ...COPIES,
  ),
  promised(
    'An outage refuses with 503 and never accepts; wrong configuration stops the application from starting.',
    core(
      'validator-keys',
      'a good token is never answered with 401: without keys it is 503 with Retry-After',
    ),
    core(
      'keys/key-set',
      'known keys serve for 24 hours of outage with bounded attempts, and then not at all',
    ),
    core(
      'keys/key-set-unknown-key',
      'an unknown key is 503 when the latest fetch failed, with the end of the back-off as Retry-After',
    ),
    control('scenarios', 'an outage at the start refuses with 503, and ends with the first answer'),
    ...START,
  ),
  promised(
    'A token whose header or claims have two members of one name is not refused for it: the last one counts everywhere, as RFC 7515 §4 and RFC 7519 §4 allow.',
    control('controls', 'two claims of one name, the last one good (RFC 7519 §4)'),
    control('controls', 'two algorithms, none and then the right one (RFC 7515 §4)'),
    attack('header', 'two claims of one name, %s', 'two algorithms, the last one none'),
  ),
  promised(
    'Three spellings are accepted that stricter readers refuse.',
    control('controls', 'the type application/jwt'),
    core('keys/jwk-import', 'a key whose optional members are null serves every accepted algorithm'),
    core('platform/fetch-json', 'skips a byte order mark before a document (RFC 8259 §8.1)'),
  ),
  promised(
    'None of them changes which key signed a token or what it says.',
    security('properties', 'headers are let in exactly when the model says so and the signature is that of'),
    core('keys/jwk-import', 'a key whose optional members are null serves every accepted algorithm'),
    core('keys/jwk-import', 'a key is skipped, and the next one admitted, > %s'),
    core('platform/fetch-json', 'skips a byte order mark before a document (RFC 8259 §8.1)'),
  ),
  promised(
    '`typ: application/jwt` in a header means the same as `JWT` (RFC 7515 §4.1.9).',
    control('controls', 'the type JWT', 'the type application/jwt'),
    attack('spelling', 'a token of the type %s'),
  ),
  promised(
    'A member of a published key that is `null` counts as absent, as Nimbus and Spring Security read it; `null` is refused in every header member and claim that the validator reads.',
    core('keys/jwk-import', 'a key whose optional members are null serves every accepted algorithm'),
    core('keys/jwk-import', 'a key is skipped, and the next one admitted, > %s'),
    core('claims/read-claims', 'when %s is null, which is not the same as absent'),
    core('jws/compact-jws', 'when the header has %s: null'),
  ),
  promised(
    'A byte order mark before a key set or metadata is ignored, which RFC 8259 §8.1 allows; one in a token is refused.',
    core('platform/fetch-json', 'skips a byte order mark before a document (RFC 8259 §8.1)'),
    core('jws/compact-jws', 'refuses claims that are not a JSON object: %j'),
  ),
  promised(
    'The client finds its private key inside other text and in base64, because the operator gives that text.',
    client('key-forms', 'a private key in PEM is found > %s', 'and so is a JWK %s'),
  ),
  promised(
    'It accepts only one whole RSA key of 2048 bits or more.',
    client('key-forms', 'a key that cannot sign is refused at construction, with what to do > a key %s'),
  ),
  promised(
    'With `insecureHttp`, the validator and the client accept an issuer on `http:`, as containers on one network have no certificates.',
    at(COMPOSE, 'the caller calls the API with a token from Texas, by its variables alone'),
    at(COMPOSE, 'without the variable that allows http:, the %s does not start and names %s'),
    core('config/issuer', 'an issuer can be on http only with `insecureHttp`'),
  ),
  promised(
    'It allows the one host that the configuration names as the issuer and, for the client, as Texas.',
    core('platform/url-rule', 'can be http on this machine, and with insecureHttp on the issuer’s origin'),
    at(
      'packages/client/test/token-endpoint.test.ts',
      'is allowed with `insecureHttp` on the host of an issuer that is on http itself, and nowhere else',
    ),
    at(
      'packages/client/test/configuration.test.ts',
      'Texas on another host is used over http only with `insecureHttp`, and never in production',
    ),
  ),
  promised(
    "They refuse it with production's issuer, and the client still sends no token to an API by `http:`.",
    at(COMPOSE, 'with the issuer of production, the %s does not start'),
    at(
      'packages/client/test/authorized-fetch.test.ts',
      'the token is not sent over plain http, except to this machine',
    ),
    core('config/issuer', 'production is never on http, however it is named'),
    at(
      'packages/client/test/token-endpoint.test.ts',
      '`insecureHttp` is refused with production, however production is named',
    ),
  ),
  promised(
    "The mock accepts a client's own certificate alone in `x5c`, and white space in the base64 of a certificate, because most clients send them and Maskinporten gives them tokens.",
    at(CERTIFICATES, 'may send its certificate alone', 'may have %s in the base64 of a certificate'),
    at(
      'test/interop/certificate-clients.test.ts',
      '%s gets a token with an enterprise certificate of the mock',
    ),
  ),
  promised(
    'The mock completes a chain from its own authority only, so it trusts no other certificate.',
    at(CERTIFICATES, 'with MP-123 when another authority of the same name issued it, and it is sent alone'),
    at(CERTIFICATES, 'with MP-120 when its root is not trusted'),
  ),
  promised(
    'With `strictCertificates` it refuses both.',
    at(
      CERTIFICATES,
      'the own certificate alone is refused with MP-123',
      'white space in a certificate is refused with MP-123',
    ),
  ),
  promised(
    'Where the runtime joins several Authorization headers (`fetch`, `hono`), empty ones and schemes without credentials cannot be told from one header of another scheme: 401 in place of 400.',
    attack('http', 'two empty headers', 'the scheme Basic alone, twice', 'Basic and an empty header'),
  ),

  // Against whom: what they cannot do.
  promised(
    'pass',
    security('properties', 'no change to a token is let in, however small, and each is refused as such'),
    security('properties', 'a header is let in only when it is the scheme, spaces and a token, alone'),
    security('calls', 'S05 is needed: however much is cut off, from either end, nobody gets in'),
    security('attacks', '$name > %s'),
  ),
  promised(
    'have Maskinporten asked for invented keys more than once in 30 s, or in an outage more often than the back-off allows',
    faults('flood', 'buy one fetch in 30 seconds, are all refused', 'J04 one invented key 10,000 times'),
    faults('flood', 'J04 before the first keys, invented keys buy no more fetches than a good call would'),
    core('keys/key-refresh', 'the pause doubles up to a minute, with jitter: %s'),
  ),
  promised(
    'delay a request whose key is known',
    faults('flood', 'disturb no good call'),
    core(
      'keys/key-set-unknown-key',
      'a flood of unknown keys causes one fetch in 30 seconds, with the endpoint %s',
    ),
    security('calls', 'D05 of 2,000 forged tokens at once leaves the loop free'),
  ),
  promised(
    'make an instance look unready',
    faults('flood', 'J04 invented keys leave an instance ready, with the endpoint %s'),
    faults('texas', 'change nothing about health, and neither does an expired token'),
    faults('texas-flood', 'an instance that starts serves as soon as it has keys, which take 4 s'),
  ),
  promised(
    'use it where an `audience` is required that it does not have',
    conformance('requirements', 'no audience where one is asked for', 'another audience'),
    core(
      'validator',
      'the audience of the validator is required on every route; absent and unspecified are refused',
    ),
  ),
  promised(
    'be taken for another organisation, or for its supplier',
    attack('authority', 'the consumer %s, where another is allowed'),
    attack('authority', 'an allowed organisation that is only the supplier'),
    attack('authority', 'an allowed organisation that is only named by the client'),
    conformance('parties', 'the consumer on the list of suppliers, itself'),
  ),
  promised(
    'find it in a log, an event, an error or an answer of ours',
    security('attacks', '$name > %s'),
    security('leaks', 'H10 an error of `verify`', 'H10 an event shows nothing of the token'),
    security('leaks', 'K10 a verified token shows no person and nothing of itself when it is logged'),
    security('leaks', 'K10 a validator shows nothing of the tokens that it has seen'),
    core(
      'decision/explain',
      'an explanation shows scopes and organisations of a verified token, and never the token or a person’s number',
    ),
    at('test/examples/events.test.ts', 'a token and a person are in no log line, no metric and no span'),
    security('leaks', 'H10 the line of a refusal shows nothing of the token, a query or a person'),
    at('test/architecture/source.test.ts', 'writes to the console only in the line per refusal'),
  ),
  promised(
    'have keys from another host used',
    core('validator-keys', 'keys are not fetched from %s, even when metadata names it'),
    core('validator-keys', 'keys are not used when the metadata belongs to another issuer'),
    attack('keys', 'a good token, where metadata names %s'),
    faults('tls', '%s is an outage: known keys go on serving, no others are taken'),
    faults('wire', 'J07 a redirect is not followed: where it leads, nobody asks'),
  ),
  promised(
    'have the good keys forgotten by an empty or broken answer',
    core('keys/key-set', 'known keys survive an answer that %s'),
    faults('wire', 'refuses nobody whose key is known, is told, and is over within a minute of its end'),
  ),
  promised(
    'keep a removed key trusted for more than 24 h, also while a machine is suspended',
    core(
      'keys/key-set',
      'known keys serve for 24 hours of outage with bounded attempts, and then not at all',
    ),
    faults('aging', 'trusts no key for longer: a removed key is refused after %i days'),
    faults('aging', 'for 30 days answers 503 while Maskinporten is down'),
    faults('rotation', 'J11 does not come back with an older answer that arrives late'),
  ),
  promised(
    'let a token in that these keys have not signed',
    core('texas-validator', 'only tokens that Maskinporten’s keys have signed are sent to Texas'),
    core('texas-validator', 'claims of Texas’s answer are not used'),
    core(
      'texas-keys',
      'without keys, a validator with Texas is not usable, answers 503 and sends no token to Texas',
    ),
    core('texas-keys', 'with metadata alone, no token passes until metadata has named the issuer'),
  ),
  promised(
    'see such a token',
    core('texas-validator', 'only tokens that Maskinporten’s keys have signed are sent to Texas'),
    core('texas-validator', 'a malformed token is never sent to Texas'),
    core(
      'texas-keys',
      'without keys, a validator with Texas is not usable, answers 503 and sends no token to Texas',
    ),
    faults('texas-flood', 'Texas sees good tokens only and one at a time'),
  ),
  promised(
    'be taken to allow by anything but `true`',
    core('requirements/authorize', '`authorize` refuses with %j'),
    at(
      'packages/fastify/test/require-maskinporten-scope.test.ts',
      'refuses every caller when a rule rejects',
    ),
    at('packages/nestjs/test/platforms.test.ts', 'refuses every caller when a rule rejects with %j'),
  ),

  // What a caller without a token can cost.
  promised(
    'With `createTexasValidator` none of them reaches Texas, so the costs are the same.',
    faults('texas-flood', 'Texas sees good tokens only and one at a time'),
    faults('costs', 'with %s, %s'),
  ),
  promised(
    'a malformed token; an unknown key, if expired or of another issuer | reading it, which grows linearly with its length; no request, no cryptography | the same',
    faults('costs', 'with %s, %s'),
    faults('flood', 'J04 tokens that are hopeless by their own words buy nothing'),
    security('growth', 'the cost of a token, %s: > $name', 'with Texas, > the cost of a token: $name'),
  ),
  promised(
    'a junk signature under a published key, expired or not | one RSA verification | the same',
    faults('costs', 'with %s, %s'),
    core('verifiers/verified-token-cache-verdicts', 'failures are never cached'),
  ),
  promised(
    'an invented key | one request for keys in 30 s (`keys.cooldown`), and in an outage one for each pause of the back-off | the same',
    faults('costs', 'with %s, %s'),
    faults('flood', 'buy one fetch in 30 seconds, are all refused, and disturb no good call'),
    core(
      'keys/key-set-unknown-key',
      'a flood of unknown keys causes one fetch in 30 seconds, with the endpoint %s',
    ),
    core('keys/key-refresh', 'the pause doubles up to a minute, with jitter: %s'),
    faults('texas-flood', 'Texas sees good tokens only and one at a time'),
  ),
  promised(
    'an invented key, just before Maskinporten publishes a new one | tokens of the new key are answered 401 until those 30 s are over | the same',
    core(
      'keys/key-set-unknown-key',
      'an unknown key is 401 for 30 s after an answer without it, and causes no fetch until then',
    ),
    faults('rotation', 'J10 is seen 30 seconds late at worst'),
    faults('texas-flood', 'a token of a new key passes once the cooldown is over'),
  ),
  promised(
    'That no such token reaches Texas, and that good tokens do not wait for the key endpoint, is counted by `npx -y pnpm@12 vitest run test/faults/texas-flood.test.ts`.',
    faults('texas-flood', 'good tokens do not wait for the key endpoint'),
  ),

  // What is installed.
  promised(
    'A test fails while this list and the manifests differ.',
    at('test/supply-chain/dependencies.test.ts', 'is explained in SECURITY.md, library by library'),
    at('test/supply-chain/dependencies.test.ts', 'has no dependencies where SECURITY.md says so: $library'),
  ),
  promised(
    'Packages run nothing when they are installed.',
    at('test/supply-chain/dependencies.test.ts', 'is declared openly by $name, without scripts'),
    packaging('published', 'runs nothing when it is installed'),
  ),
  promised(
    'They are published by one workflow, from a tag on the main branch, without a stored token.',
    at(RELEASE, 'the release > publishes by one job, after a tag on main was tested and packed'),
    at(RELEASE, 'puts nothing from outside into a command, and holds no secret'),
  ),
  promised(
    'The job that publishes checks out, installs and builds nothing: it downloads the tarballs that another job has packed.',
    at(RELEASE, 'checks out, installs and builds nothing in a job that may publish'),
  ),
  promised(
    'Each package has a provenance statement (`npm audit signatures`), and the tarballs and their bill of materials (CycloneDX) are attested (`gh attestation verify`).',
    at(RELEASE, 'the release > has a provenance statement for every package, and attests tarballs and their'),
  ),
]
