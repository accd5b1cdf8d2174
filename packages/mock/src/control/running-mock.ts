import type { BadTokenName } from '../bad-tokens/bad-tokens.js'
import type { IssueTokenOptions } from '../maskinporten/access-token.js'
import type { NaisManifest } from '../nais/manifest-source.js'
import type { MockScope } from '../registry/scope.js'
import { type AnsweredClient, appsIn, badTokenIn, identityIn, refusalIn, tokenIn } from './mock-answers.js'

/** The default port of `portvakt serve`, and of the mock that commands use. */
export const DEFAULT_PORT = 8089

/** The path of the mock's interface for commands. Maskinporten has no endpoint at this path. */
export const CONTROL_PATH = '/portvakt'

/**
 * Timeouts in seconds: `PROBE` for the request that identifies the mock, `WORK` for every other request. If
 * nothing listens on a port of this machine, the connection is refused at once, so a long `PROBE` delays only
 * requests to a server that is overloaded or not a mock. During `WORK`, the mock may have to make the keys of
 * many apps.
 */
const PROBE = 30
const WORK = 60

/** Thrown if no mock answers in time, if the server is not a mock, or if the mock refuses the request. */
export class RunningMockError extends Error {
  override readonly name = 'RunningMockError'
}

/**
 * A mock in another process. Its answers are checked, because any process can listen at its address. Each
 * method throws a `RunningMockError` when the mock refuses or is too slow, or when the server is not a mock.
 * All methods except `identity` also throw one when the connection fails.
 */
export class RunningMock {
  #isKnown = false

  /** @param url the mock's address, with a trailing slash */
  constructor(
    readonly url: string,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch,
  ) {}

  /** Returns the mock's description of itself, or undefined when the connection fails. */
  async identity() {
    const answer = await this.#ask('', PROBE)
    if (!answer) return undefined
    // A mock answers 200, or 403 for a foreign `Host`. Any other status comes from a server that is not a
    // mock.
    if (answer.status !== 200 && answer.status !== 403) this.#refuse()
    const identity = identityIn(this.#accepted(answer), this.url) ?? this.#refuse()
    this.#isKnown = true
    return identity
  }

  async issueToken(options: IssueTokenOptions = {}): Promise<string> {
    return tokenIn(await this.#send('/tokens', { options })) ?? this.#refuse()
  }

  async badToken(name: BadTokenName, options: IssueTokenOptions = {}): Promise<string> {
    return badTokenIn(await this.#send('/tokens', { name, options })) ?? this.#refuse()
  }

  /** Exchanges a Maskinporten token for an Altinn token, at the mock's Altinn endpoint. */
  async exchange(token: string): Promise<string> {
    const url = new URL('authentication/api/v1/exchange/maskinporten', this.url).href
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const answer = await this.#askAt(url, WORK, { headers })
    if (answer?.status === 200 && typeof answer.body === 'string' && JWT.test(answer.body)) return answer.body
    return this.#refuse(`${this.url} did not exchange the token${answer ? `: status ${answer.status}` : ''}`)
  }

  async addScope(scope: MockScope): Promise<void> {
    await this.#send('/scopes', scope)
  }

  /** Tells the mock on which port an app listens, for the curl command on the mock's page. */
  async appStarted(port: number): Promise<void> {
    await this.#send('/started', { port })
  }

  async apps(): Promise<readonly AnsweredClient[]> {
    return appsIn(await this.#send('/apps'), this.url) ?? this.#refuse()
  }

  async provision(manifests: readonly NaisManifest[]): Promise<readonly AnsweredClient[]> {
    return appsIn(await this.#send('/apps', { manifests, options: {} }), this.url) ?? this.#refuse()
  }

  /** Sends the body only after the server has identified itself as a mock. */
  async #send(path: string, body?: object): Promise<unknown> {
    const headers = { 'content-type': 'application/json' }
    const init = body && { method: 'POST', body: JSON.stringify(body), headers }
    const isThere = this.#isKnown || (await this.identity()) !== undefined
    const answer = isThere ? await this.#ask(path, WORK, init) : undefined
    if (answer) return this.#accepted(answer)
    throw new RunningMockError(`No mock answers at ${this.url}: start one with \`portvakt serve\``)
  }

  /**
   * Sends one request. Returns undefined when the connection fails. Does not follow redirects, which could lead
   * to any address.
   */
  #ask(path: string, seconds: number, init?: RequestInit) {
    return this.#askAt(new URL(`${CONTROL_PATH}${path}`, this.url).href, seconds, init)
  }

  async #askAt(url: string, seconds: number, init: RequestInit = {}) {
    const signal = AbortSignal.timeout(seconds * 1000)
    try {
      const response = await this.fetch(url, { ...init, redirect: 'manual', signal })
      return { status: response.status, body: await boundedJson(response) }
    } catch (error) {
      // Throw instead of returning undefined: a server has accepted the connection, so a caller must not
      // start a mock at this address.
      if (error instanceof Error && error.name === 'TimeoutError')
        return this.#refuse(
          `The server at ${this.url} did not answer within ${seconds} s: try again if it is a busy mock; otherwise ` +
            'stop it, or name another address with --url',
        )
      return undefined
    }
  }

  #accepted({ status, body }: { readonly status: number; readonly body: unknown }): unknown {
    if (status === 200) return body
    const words = refusalIn(body)
    return this.#refuse(words === undefined ? undefined : `${this.url} refuses with ${status}:\n${words}`)
  }

  #refuse(
    message = `The server at ${this.url} is not a Portvakt mock: stop it, or name another address with --url`,
  ): never {
    throw new RunningMockError(message)
  }
}

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Maximum length of an answer, in decoded bytes. A mock sends about 4 KiB for each app. */
const LONGEST_ANSWER = 1024 * 1024

/**
 * Reads JSON. Returns undefined if the body is not JSON or is longer than 1 MiB.
 *
 * @throws when the connection fails
 */
async function boundedJson(response: Response): Promise<unknown> {
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the rest of the body.
    if (bytes > LONGEST_ANSWER) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  try {
    return JSON.parse(text + decoder.decode())
  } catch {
    return undefined
  }
}
