import { at, conformance, control, core, faults, promised, security } from './case.js'

const DEFAULTS = core('config/validator-options', 'a validator has the documented defaults')

/** README.md, “How keys are handled” and “How it is fast”. */
export const KEYS = [
  promised(
    'Keys are fetched with the first request (or by `await validator.ready()`) and then refreshed in the background; no request waits while its key is known and fresh.',
    core(
      'keys/key-set',
      'the first keys are fetched once for 1,000 parallel requests',
      'known keys cause no fetch while they are fresh',
    ),
    core('keys/key-set', 'known keys serve at once during a background refresh'),
    core('keys/key-set-health', '`ready` resolves once keys are loaded'),
  ),
  promised(
    'The options count in seconds, as [RFC 5861](https://www.rfc-editor.org/rfc/rfc5861) does.',
    core('keys/freshness', '`staleWhileRevalidate` and `staleIfError` count from `maxAge`, as in RFC 5861'),
  ),
  promised(
    '`maxAge` | 600 s (±10 %) | younger keys are used without a refresh; from this age, the next request starts one in the background',
    DEFAULTS,
    core(
      'keys/key-set',
      'known keys are refreshed after a time with jitter: %s',
      'known keys serve at once during a background refresh',
    ),
  ),
  promised(
    '`staleWhileRevalidate` | 300 s | seconds after `maxAge` in which no request waits; after that, a request waits for the refresh: for one `timeout` at most per failed attempt, and not at all while the latest attempt has failed',
    DEFAULTS,
    core('keys/key-set', 'keys older than 15 minutes make requests wait for one timeout, then serve at once'),
    core('keys/key-set', 'requests do not wait for keys when the latest attempt failed'),
    core('keys/freshness', 'with %s keys and attempts %j: %s'),
    faults('aging', 'cost one timeout of waiting, then serve at once while the failure stands'),
  ),
  promised(
    "`staleIfError` | 85,800 s | seconds after `maxAge` in which last-known-good keys serve through an outage: 24 hours in all, Digdir's own figure",
    DEFAULTS,
    core(
      'keys/key-set',
      'known keys serve for 24 hours of outage with bounded attempts, and then not at all',
    ),
    faults('outage', 'refuses no good token, asks less than 1,501 times, then says 503'),
  ),
  promised(
    '`cooldown` | 30 s | an unknown key causes one answered fetch in this time, so rotation works and a flood does not get through',
    DEFAULTS,
    core(
      'keys/key-set-unknown-key',
      'an unknown key is 401 for 30 s after an answer without it, and causes no fetch until then',
    ),
    core('keys/key-set-unknown-key', 'an unknown key is found after a rotation'),
    faults('rotation', 'J10 that nobody announced costs one fetch and refuses no call'),
    faults('flood', 'buy one fetch in 30 seconds, are all refused, and disturb no good call'),
  ),
  promised(
    '`timeout` | 5 s | for a whole exchange with Maskinporten',
    DEFAULTS,
    core('keys/key-set', 'a request waits for the first keys no longer than the timeout'),
    faults('outage', 'metadata and keys that are both slow share one timeout'),
    core('platform/fetch-json', 'ends at the deadline even if fetch ignores its signal'),
  ),
  promised(
    'The age of keys counts from the start of their fetch, by the wall clock or the monotonic clock, whichever says more.',
    core('keys/freshness', '%f s after the fetch began, keys have the same stage by either clock: %s'),
    core('platform/clock', 'counts the time in which the machine was suspended'),
    core('platform/clock', 'follows the monotonic clock after a step back, and is never below 0'),
    faults('aging', 'in the middle of a fetch fetches again, since the answer is as old as its request'),
  ),
  promised(
    'So a machine that wakes up, or a wall clock that steps forward, means a refresh, and 503 only if that fails and the keys are past `staleIfError`.',
    core(
      'keys/freshness',
      'a step forward of the wall clock causes a refresh, and 503 only if it fails and the keys are older than 24 hours',
    ),
    faults('aging', 'forward means a refresh, and no 503 while it succeeds'),
    faults('aging', 'forward past 24 hours means 503 if the refresh fails'),
  ),
  promised(
    'A new answer replaces the set as a whole; an empty or unusable one counts as a failure and the good keys stay.',
    core(
      'keys/key-set',
      'keys are replaced as a whole: a removed key is refused',
      'known keys survive an answer that %s',
    ),
    security('advisories', 'a key that the newest answer lacks is gone, not merged'),
  ),
  promised(
    '`validator.health()` says whether tokens can be verified, how old the keys are, what failed last and which published keys are not used (`unusableKeys`, ten at most, each with its `problem`): make `usable` your readiness probe (asking fetches missing keys).',
    core('validator-keys', '`health` has what a readiness probe needs'),
    core(
      'keys/key-set-health',
      '`health` fetches the first keys, so that a readiness probe alone makes an instance ready',
    ),
    core('keys/key-set-bounds', 'the ages of keys and of a failure are in seconds'),
    core('keys/key-set-health', '`health` lists at most ten unused published keys, each with the reason'),
    core('keys/jwk-import', 'the reason is reported for an unused key %s'),
  ),
  promised(
    'Machine clients send a token until it expires, so its signature is verified once: the validator remembers that exactly this text was signed by exactly this key.',
    core(
      'verifiers/verified-token-cache-verdicts',
      'the signature of a repeated token is verified only once',
    ),
    core(
      'verifiers/verified-token-cache-verdicts',
      'a forged token with the signature of a known one is refused',
    ),
    core(
      'verifiers/verified-token-cache',
      'the cache compares the whole token, not only the end that finds it',
    ),
    control(
      'scenarios',
      'a token that was let in is refused once its key is replaced by another of its name',
    ),
  ),
  promised(
    'Time, issuer, audience, scope and everything else a route asks for are judged again on every request; once a refresh no longer finds a key, its tokens are refused; failures are not remembered.',
    core(
      'verifiers/verified-token-cache-verdicts',
      'a known token is checked against each requirement and the current time',
    ),
    core(
      'verifiers/verified-token-cache-verdicts',
      'every verdict is the same with and without the cache, for any tokens, times, requirements and key history',
    ),
    core(
      'verifiers/verified-token-cache-verdicts',
      'a known token is refused at once when its key is gone from the set',
      'failures are never cached',
    ),
    control('scenarios', 'a token that is refused today is let in tomorrow, when its time has come'),
  ),
]

/** README.md, “Ask Texas instead”. */
export const TEXAS = [
  promised(
    "Teams that want introspection by NAIS's sidecar give their guards another validator; everything else stays the same:",
    at('test/conformance/conformance.test.ts', 'verifying by %s > $name > $title ($source)'),
    core('texas-validator', 'a validator with Texas can be used in a guard'),
  ),
  promised(
    "It verifies tokens by keys as above, and then asks Texas about each token that Maskinporten's keys have signed; both must accept it.",
    core('texas-validator', 'Texas checks a token at every request: no verdict is cached'),
    core('texas-validator', 'only tokens that Maskinporten’s keys have signed are sent to Texas'),
    core('texas-validator', 'checks that Texas omits or makes less strictly are made here'),
    core('texas-validator', 'an inactive token is 401, whatever error Texas gives: %j'),
  ),
  promised(
    'It takes all the options above, and `introspectionEndpoint` (`NAIS_TOKEN_INTROSPECTION_ENDPOINT`) and `deadline` (5 s).',
    core(
      'texas-validator',
      'the address of Texas comes from the variables that NAIS sets',
      'the address of Texas throws when it is wrong: %s',
    ),
    core('texas-validator', 'createTexasValidator throws for %s: %j'),
    core('texas-keys', 'metadata pins the issuer: no token with another form of it reaches Texas'),
    core('verifiers/texas-probe', '`ready` rejects after the deadline when Texas hangs'),
  ),
  promised(
    'Reasons are those of the validator with keys; a token that only Texas refuses has the reason `inactive_token`, such as one with another algorithm than RS256.',
    conformance('tokens', 'a signature of something else', 'an unknown key'),
    conformance('tokens', 'another algorithm of Maskinporten’s'),
    core(
      'texas-validator',
      'a token that its claims rule out gets the exact reason, and is not sent to Texas',
    ),
    core('texas-validator', 'an inactive token is 401, whatever error Texas gives: %j'),
  ),
  promised(
    'When Texas cannot be reached or cannot check a token, that request is answered 503 and never 401.',
    core('texas-validator', 'an answer without a verdict is 503, and never allows the token'),
    core(
      'verifiers/introspection-answer',
      'the recorded refusals cover every way in which Texas cannot check',
      'a refusal by the real Texas is 401, or 503 if it could not check: $name',
    ),
  ),
  promised(
    '`ready()` and `health()` probe Texas, at most once per `deadline`; no request changes what they say.',
    core('verifiers/texas-probe', '`health` probes again once the latest probe is older than the deadline'),
    core(
      'verifiers/texas-probe',
      '`ready` resolves by the latest probe while it is younger than the deadline, without another',
    ),
    faults('texas', 'change nothing about health, and neither does an expired token'),
    faults('texas', 'is 503 at the deadline, its connection is closed, and the instance stays usable'),
    faults('texas', 'makes health unusable within two deadlines of polling, and every good token is 503'),
  ),
  promised(
    'An application that cannot fetch keys passes `jwks` or `jwksUri`.',
    core('texas-keys', 'keys that the application gives, or whose address it gives'),
  ),
]
