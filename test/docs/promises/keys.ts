import { at, conformance, control, core, faults, promised, security } from './case.js'

const DEFAULTS = core('config/validator-options', 'has the documented defaults')

/** README.md, “How keys are handled” and “How it is fast”. */
export const KEYS = [
  promised(
    'Keys are fetched with the first request (or by `await validator.ready()`) and then refreshed in the background; no request waits while its key is known and fresh.',
    core(
      'keys/key-set',
      'are fetched once for 1,000 parallel requests',
      'cost no fetch while they are fresh',
    ),
    core('keys/key-set', 'serve at once while they are refreshed in the background'),
    core('keys/key-set-health', 'ready > resolves once keys are loaded'),
  ),
  promised(
    'The options count in seconds, as [RFC 5861](https://www.rfc-editor.org/rfc/rfc5861) does.',
    core(
      'keys/freshness',
      'counts `staleWhileRevalidate` and `staleIfError` from `maxAge`, as RFC 5861 does',
    ),
  ),
  promised(
    '`maxAge` | 600 s (±10 %) | younger keys are used without a refresh; from this age, the next request starts one in the background',
    DEFAULTS,
    core(
      'keys/key-set',
      'are refreshed after a time with jitter: %s',
      'serve at once while they are refreshed',
    ),
  ),
  promised(
    '`staleWhileRevalidate` | 300 s | seconds after `maxAge` in which no request waits; after that, a request waits for the refresh: for one `timeout` at most per failed attempt, and not at all while the latest attempt has failed',
    DEFAULTS,
    core('keys/key-set', 'older than 15 minutes make requests wait for one timeout, then serve at once'),
    core('keys/key-set', 'make no request wait when the latest attempt failed'),
    core('keys/freshness', 'with %s keys and attempts %j: %s'),
    faults('aging', 'cost one timeout of waiting, then serve at once while the failure stands'),
  ),
  promised(
    "`staleIfError` | 85,800 s | seconds after `maxAge` in which last-known-good keys serve through an outage: 24 hours in all, Digdir's own figure",
    DEFAULTS,
    core('keys/key-set', 'serve for 24 hours of outage with bounded attempts, then not a second longer'),
    faults('outage', 'refuses no good token, asks less than 1,501 times, then says 503'),
  ),
  promised(
    '`cooldown` | 30 s | an unknown key causes one answered fetch in this time, so rotation works and a flood does not get through',
    DEFAULTS,
    core(
      'keys/key-set-unknown-key',
      'is 401 for 30 s after an answer without it, and causes no fetch until then',
    ),
    core('keys/key-set-unknown-key', 'is found when Maskinporten has rotated'),
    faults('rotation', 'J10 that nobody announced costs one fetch and refuses no call'),
    faults('flood', 'buy one fetch in 30 seconds, are all refused, and disturb no good call'),
  ),
  promised(
    '`timeout` | 5 s | for a whole exchange with Maskinporten',
    DEFAULTS,
    core('keys/key-set', 'are waited for no longer than the timeout'),
    faults('outage', 'metadata and keys that are both slow share one timeout'),
    core('platform/fetch-json', 'ends at the deadline even if fetch ignores its signal'),
  ),
  promised(
    'The age of keys counts from the start of their fetch, by the wall clock or the monotonic clock, whichever says more.',
    core('keys/freshness', '%f s after the fetch began is the same by either clock: %s'),
    core('platform/clock', 'counts the time in which the machine was suspended'),
    core('platform/clock', 'follows the monotonic clock after a step back, and is never below 0'),
    faults('aging', 'in the middle of a fetch fetches again, since the answer is as old as its request'),
  ),
  promised(
    'So a machine that wakes up, or a wall clock that steps forward, means a refresh, and 503 only if that fails and the keys are past `staleIfError`.',
    core('keys/freshness', 'forward is a refresh, and 503 only if that fails and the keys are older'),
    faults('aging', 'forward means a refresh, and no 503 while it succeeds'),
    faults('aging', 'forward past 24 hours means 503 if the refresh fails'),
  ),
  promised(
    'A new answer replaces the set as a whole; an empty or unusable one counts as a failure and the good keys stay.',
    core(
      'keys/key-set',
      'are replaced as a whole: one that was taken out is refused',
      'survive an answer that %s',
    ),
    security('advisories', 'a key that the newest answer lacks is gone, not merged'),
  ),
  promised(
    '`validator.health()` says whether tokens can be verified, how old the keys are, what failed last and which published keys are not used (`unusableKeys`, ten at most, each with its `problem`): make `usable` your readiness probe (asking fetches missing keys).',
    core('validator-keys', 'health tells a readiness probe what it needs'),
    core(
      'keys/key-set-health',
      'has the first keys fetched, so that a readiness probe alone makes an instance ready',
    ),
    core('keys/key-set-bounds', 'is told in seconds, and so is that of a failure'),
    core('keys/key-set-health', 'lists at most ten published keys that are not used, each with the reason'),
    core('keys/jwk-import', 'says why a key %s is not used'),
  ),
  promised(
    'Machine clients send a token until it expires, so its signature is verified once: the validator remembers that exactly this text was signed by exactly this key.',
    core(
      'verifiers/verified-token-cache-verdicts',
      'verifies the signature of a token that comes again only once',
    ),
    core(
      'verifiers/verified-token-cache-verdicts',
      'never takes a forged token for a known one with the same signature',
    ),
    core('verifiers/verified-token-cache', 'knows a token by its whole text, not by the end that finds it'),
    control(
      'scenarios',
      'a token that was let in is refused once its key is replaced by another of its name',
    ),
  ),
  promised(
    'Time, issuer, audience, scope and everything else a route asks for are judged again on every request; once a refresh no longer finds a key, its tokens are refused; failures are not remembered.',
    core(
      'verifiers/verified-token-cache-verdicts',
      'judges a known token by each requirement anew, and by the time there is',
    ),
    core(
      'verifiers/verified-token-cache-verdicts',
      'every verdict is the same, for any tokens, times, requirements and key',
    ),
    core(
      'verifiers/verified-token-cache-verdicts',
      'refuses a known token at once when its key is gone',
      'remembers no failure',
    ),
    control('scenarios', 'a token that is refused today is let in tomorrow, when its time has come'),
  ),
]

/** README.md, “Ask Texas instead”. */
export const TEXAS = [
  promised(
    "Teams that want introspection by NAIS's sidecar give their guards another validator; everything else stays the same:",
    at('test/conformance/conformance.test.ts', 'verifying by %s > $name > $title ($source)'),
    core('texas-validator', 'lets a guard’s request pass, so it goes wherever a validator does'),
  ),
  promised(
    "It verifies tokens by keys as above, and then asks Texas about each token that Maskinporten's keys have signed; both must accept it.",
    core('texas-validator', 'is asked about again at every request: no verdict is kept'),
    core('texas-validator', 'is never asked about unless Maskinporten’s keys have signed it'),
    core('texas-validator', 'what Texas does not check, or not as strictly, is checked here'),
    core('texas-validator', 'is 401, whatever Texas says of it: %j'),
  ),
  promised(
    'It takes all the options above, and `introspectionEndpoint` (`NAIS_TOKEN_INTROSPECTION_ENDPOINT`) and `deadline` (5 s).',
    core('texas-validator', 'comes from the variables that NAIS sets', 'throws where it is wrong: %s'),
    core('texas-validator', 'the configuration > throws for %s: %j'),
    core('texas-keys', 'the issuer that metadata names is pinned: no other spelling reaches Texas'),
    core('verifiers/texas-probe', 'rejects after the deadline when Texas hangs'),
  ),
  promised(
    'Reasons are those of the validator with keys; a token that only Texas refuses has the reason `inactive_token`, such as one with another algorithm than RS256.',
    conformance('tokens', 'a signature of something else', 'an unknown key'),
    conformance('tokens', 'another algorithm of Maskinporten’s'),
    core('texas-validator', 'is told why, where it says so itself, and Texas is not asked'),
    core('texas-validator', 'is 401, whatever Texas says of it: %j'),
  ),
  promised(
    'When Texas cannot be reached or cannot check a token, that request is answered 503 and never 401.',
    core('texas-validator', 'an answer that says nothing about the token is 503, and never lets it in'),
    core(
      'verifiers/introspection-answer',
      'covers every way in which Texas could not look',
      'that refuses is 401, or 503',
    ),
  ),
  promised(
    '`ready()` and `health()` probe Texas, at most once per `deadline`; no request changes what they say.',
    core('verifiers/texas-probe', 'probes again once the last probe is older than the deadline'),
    core('verifiers/texas-probe', 'resolves by the last probe while that is younger than the deadline'),
    faults('texas', 'change nothing about health, and neither does an expired token'),
    faults('texas', 'is 503 at the deadline, its connection is closed, and the instance stays usable'),
    faults('texas', 'makes health unusable within two deadlines of polling, and every good token is 503'),
  ),
  promised(
    'An application that cannot fetch keys passes `jwks` or `jwksUri`.',
    core('texas-keys', 'keys that the application gives, or whose address it gives'),
  ),
]
