import { at, attack, conformance, control, core, promised, security } from './case.js'

const PROXY = 'test/proxy/proxy.test.ts'
const DEFAULTS = core('config/validator-options', 'a validator has the documented defaults')
const REFUSED = core('config/validator-options', 'a bad option throws at construction and is named > %s: %j')

/** README.md, “Configuration”. */
export const OPTIONS = [
  promised(
    '`MASKINPORTEN_ISSUER` | whose tokens are accepted, compared exactly',
    core('config/validator-options', 'the issuer comes from > %s'),
    core('config/issuer', 'only the exact issuer is accepted'),
    conformance('foreigners', 'the issuer without its slash'),
  ),
  promised(
    '`MASKINPORTEN_JWKS_URI` | where its keys are; without it, metadata says',
    core('config/validator-options', 'the issuer comes from > %s'),
    core('platform/mounted-files', 'is configured by the mounted files alone'),
  ),
  promised(
    '`MASKINPORTEN_WELL_KNOWN_URL` | where its metadata is. Without `MASKINPORTEN_ISSUER` it must end with `/.well-known/oauth-authorization-server` or `/.well-known/openid-configuration`; the metadata then names the issuer, and answers are 503 until it is read',
    core(
      'config/issuer',
      'the address of metadata alone names an issuer, and is read unchanged: %s',
      'an address of another form does not name an issuer: %s',
    ),
    core('config/learned-issuer', 'metadata names the issuer %s, and no other form is accepted'),
    core('config/learned-issuer', 'the answer is 503 while metadata %s, and nothing else is fetched'),
  ),
  promised(
    'A variable that is not set, or is empty, is read from the file of that name in `/var/run/secrets/nais.io/maskinporten`, where NAIS mounts them.',
    core('platform/mounted-files', 'is read from its file if the environment has %j'),
    core('platform/mounted-files', 'are read from NAIS’s directory by default'),
  ),
  promised(
    "`environment` | – | `'prod'` or `'test'`",
    core('config/validator-options', 'the issuer comes from > %s'),
    REFUSED,
  ),
  promised(
    '`issuer`, `metadataUrl`, `jwksUri`, `jwks` | – | another issuer, and where its keys are; `jwks` holds them and fetches nothing',
    core('config/validator-options', 'the issuer comes from > %s'),
    core('validator-keys', 'keys can be given by the application, and nothing is then fetched'),
  ),
  promised(
    '`audience` | not checked | accepted audiences; then a token without one is refused',
    core(
      'validator',
      'an audience is not checked by default, and the event says when a specific one was unchecked',
    ),
    core(
      'validator',
      'the audience of the validator is required on every route; absent and unspecified are refused',
    ),
  ),
  promised(
    '`algorithms` | RS256, RS384, RS512 | accepted signatures',
    DEFAULTS,
    core('validator', '`verify` accepts %s', '`verify` refuses an algorithm that is not in `algorithms`'),
  ),
  promised(
    '`clockTolerance` | 10 s | how far the clocks may differ',
    DEFAULTS,
    core(
      'claims/read-claims',
      'ends exactly at exp plus the tolerance',
      'begins exactly at nbf minus the tolerance',
    ),
    attack('claims', 'a token at the second of its expiry, where clocks may not differ'),
  ),
  promised(
    '`maxTokenLifetime` | 24 h | longest accepted `exp − iat`',
    DEFAULTS,
    core('claims/read-claims', 'refuses a lifetime that is longer than the limit'),
    control('controls', 'the longest life'),
    attack('claims', 'a token of two minutes, where one is the longest'),
  ),
  promised(
    '`maxTokenLength` | 16 KiB | longest accepted token; above that also start Node with `--max-http-header-size`, as it answers 431 itself',
    DEFAULTS,
    core('jws/compact-jws', 'reads a token of `maxTokenLength` characters, and rejects a longer one'),
    security('platform', '$name > %s is refused by the platform'),
    security('long-token', 'with Node’s own limit is 431', 'with a higher limit of Node’s is let in'),
  ),
  promised(
    '`realm` | `maskinporten` | named in challenges',
    DEFAULTS,
    core('http/denial', 'the challenge names the configured realm', 'the answer table > %s is %i'),
  ),
  promised(
    '`tokenCache` | 1000 tokens, 16 MiB | `{ maxTokens, maxBytes }`: verified tokens that are remembered, see below; `false` remembers none',
    DEFAULTS,
    core(
      'config/validator-options',
      'each limit of the token cache can be set alone, and the other keeps its default',
    ),
    core(
      'verifiers/verified-token-cache',
      'the cache evicts the least recently used token beyond `maxTokens`',
      'the cache stays within `maxBytes`: %s',
    ),
    core('verifiers/verified-token-cache-verdicts', 'the signature is verified each time without a cache'),
    security('memory', 'a full cache of verified tokens takes no more memory than `maxBytes`:'),
  ),
  promised(
    "`onDecision(event, request)` | – | every decision: outcome, reason, hint, scopes, consumer, supplier, delegation source, client, token and key id, duration; the event is safe to log, the framework's `request` is not",
    core(
      'validator-decisions',
      'the event has caller, consumer and duration, and never the token or a person’s number',
      'the event has no key without a token',
    ),
    core('claims/foreign-token', 'and the event says what to do'),
    core('decision/event', 'an event has the scopes > %s'),
    at('test/conformance/events.test.ts', 'a refusal hands the framework’s own request to the listener'),
    security('leaks', 'H10 an event shows nothing of the token and no person'),
  ),
  promised(
    '`denialBody(denial, request)` | – | replaces the body of a refusal, and nothing else',
    core('http/denial', 'replaces the body and nothing else', 'is not used when the function %s'),
    core(
      'validator-decisions',
      'the application’s `denialBody` is called with the request, and its body is used',
    ),
  ),
  promised(
    '`fetch` | the global one | for a proxy or a private CA',
    core('platform/fetch-json', 'a fetch of the application > is not checked for an unused proxy'),
    at(PROXY, 'tokens, calls and keys go through it, by %s'),
    at(
      'test/faults/tls.test.ts',
      'a private CA is trusted by the `fetch` that knows it, and not by the global one',
    ),
  ),
  promised(
    "`insecureHttp` | `false` | allows `http:` on the issuer's host (docker compose), never with production; loopback is always allowed",
    core(
      'config/validator-options',
      'the issuer comes from > %s',
      'a bad option throws at construction and is named > %s',
    ),
    core('config/issuer', 'an issuer can be on http only with `insecureHttp`'),
    core(
      'config/issuer',
      'production is never on http, however it is named',
      'keys of an issuer on https are never fetched over http',
    ),
    core('platform/url-rule', 'can be http on this machine, and with insecureHttp on the issuer’s origin'),
  ),
  promised(
    "`clock`, `random` | the system's | for tests",
    DEFAULTS,
    core('platform/clock', 'returns the time of the wall clock'),
  ),
  promised(
    'Options and requirements are plain objects, and are read once.',
    core('platform/options', 'copies the members, so that later changes', 'reads each member once'),
    core(
      'requirements/requirement-members',
      'a requirement is read once: later changes by the caller have no effect',
    ),
    core('requirements/requirement-members', 'a list is read once'),
    security('option-objects', '$title > accepts %s', '$title > throws for a member that %s'),
  ),
  promised(
    'A wrong, unknown or `undefined` option throws when the app starts, naming it; an outage of Maskinporten never stops a start.',
    REFUSED,
    core(
      'platform/options',
      'rejects an unknown name and lists the known names',
      'rejects undefined, which is the',
    ),
    core('config/validator-options', 'a validator starts without network and keys'),
  ),
  promised(
    'An instance of a config class throws too, as its getters and inherited members are not members of its own: copy those that you mean, `{ audience: config.audience }`.',
    core(
      'config/validator-options-objects',
      'options whose members would be lost by copying throw at construction',
    ),
    core('platform/options', 'rejects an instance of %s, and says what to write instead'),
    security('option-objects', '$title > throws for %s'),
  ),
  promised(
    "Behind a proxy (NAIS on-premises: `webproxy`), set `NODE_USE_ENV_PROXY=1` on Node 22.21, 24.5 or newer, or pass a `fetch` that uses undici's `EnvHttpProxyAgent`; `health()` says `proxy_not_used` when that was forgotten.",
    at(PROXY, 'tokens, calls and keys go through it, by %s'),
    at(PROXY, 'client and validator name a proxy that is set but not used'),
  ),
]
