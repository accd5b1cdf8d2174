import { createMaskinportenClient } from '@portvakt/client'
import { createMockMaskinporten, DEFAULT_SCOPE } from '@portvakt/mock'
import { countRequest } from './record.mjs'
import { endpointState } from './scenario.mjs'

/**
 * The number of callers, each with one token at a time; a token's lifetime and its age at renewal, in
 * seconds.
 */
const CALLERS = 8
const LIFETIME = 3600
const RENEWED_AFTER = 3000

/** The latency of an answer in milliseconds: the minimum, and the maximum random addition. */
const LATENCIES = { up: [20, 80], slow: [1000, 2000], refusing: [1, 2] }

/**
 * Endpoints that send the mock's own answers. Each answer is made once and sent many times, because the fleet
 * sends millions of requests. The results do not depend on the content of an access token.
 */
export async function createMaskinporten(clock, record) {
  const mock = await createMockMaskinporten({ clock })
  const answers = await answersOf(mock, clock)
  const callers = Array.from({ length: CALLERS }, () => ({ authorization: '' }))

  async function renew(caller) {
    caller.authorization = `Bearer ${await mock.issueToken({ scope: DEFAULT_SCOPE, expiresIn: LIFETIME })}`
  }

  function keepRenewing(caller, second) {
    void renew(caller)
    clock.at(second + RENEWED_AFTER, () => keepRenewing(caller, second + RENEWED_AFTER))
  }

  const start = clock.second
  for (const [index, caller] of callers.entries())
    keepRenewing(caller, start - (index * RENEWED_AFTER) / CALLERS)

  return {
    issuer: mock.issuer,
    scope: DEFAULT_SCOPE,
    /** The Authorization header of a replica's caller. */
    authorizationOf: (index) => callers[index % CALLERS].authorization,
    async publishNextKey() {
      await mock.announceKey()
      answers.keys = JSON.stringify(mock.jwks())
    },
    /** Makes all callers present tokens of the new key at once: the worst case for the key endpoint. */
    async signWithNextKey() {
      await mock.rotateKeys()
      answers.keys = JSON.stringify(mock.jwks())
      await Promise.all(callers.map(renew))
    },
    /** Returns a function with the signature of `fetch` that answers one replica's requests. */
    fetchFor(random) {
      return (url, { signal }) => {
        const endpoint = endpointOf(String(url))
        countRequest(record, endpoint, clock.second)
        return answer(clock, random, signal, answers[endpoint])
      }
    },
  }
}

function endpointOf(url) {
  if (url.endsWith('/token')) return 'tokens'
  return url.endsWith('/jwk') ? 'keys' : 'metadata'
}

/** Gets one answer from each endpoint of the mock, by a real token request. */
async function answersOf(mock, clock) {
  const answers = { keys: JSON.stringify(mock.jwks()) }
  const fetch = async (url, init) => {
    const response = await mock.fetch(url, init)
    answers[endpointOf(String(url))] = await response.clone().text()
    return response
  }
  const { MASKINPORTEN_CLIENT_ID: clientId, MASKINPORTEN_CLIENT_JWK: jwk } = mock.env
  const client = createMaskinportenClient({ clientId, key: { jwk }, issuer: mock.issuer, fetch, clock })
  await client.getToken({ scope: DEFAULT_SCOPE })
  return answers
}

/** The content of an answer is fixed at the time of the request, so a slow answer can be outdated. */
function answer(clock, random, signal, body) {
  const state = endpointState(clock.second)
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    if (state === 'hanging') return
    const [shortest, added] = LATENCIES[state]
    clock.after(shortest + added * random(), () => {
      if (state === 'refusing') reject(REFUSED)
      else resolve(responseWith(body))
    })
  })
}

/** The parts of a Response that the library reads. undici's class would take half of the run time. */
function responseWith(text) {
  let value = new TextEncoder().encode(text)
  const reader = {
    async read() {
      const chunk = { value, done: value === undefined }
      value = undefined
      return chunk
    },
    cancel: async () => undefined,
  }
  return { status: 200, type: 'default', headers: HEADERS, body: { getReader: () => reader } }
}

const HEADERS = new Headers({ 'content-type': 'application/json' })

const REFUSED = new TypeError('fetch failed', {
  cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
})
