import type { IssueTokenOptions } from '../access-token.js'
import type { BadTokenName } from '../bad-tokens/bad-tokens.js'
import type { MockScope } from '../mock-scope.js'
import type { NaisManifest } from '../nais/manifest-source.js'
import { CONTROL_PATH } from './control-path.js'
import type { DescribedApp, MockIdentity } from './control-routes.js'

/** Where a mock listens unless it is told otherwise, and where commands look for one. */
export const DEFAULT_PORT = 8089

/** Nobody answers, or what answers is something else, or it refuses. */
export class RunningMockError extends Error {
  override readonly name = 'RunningMockError'
}

/** A mock in another process. */
export class RunningMock {
  readonly #fetch: typeof globalThis.fetch

  /** @param url its address, with a trailing slash */
  constructor(
    readonly url: string,
    fetch: typeof globalThis.fetch = globalThis.fetch,
  ) {
    this.#fetch = fetch
  }

  /** Undefined when nobody listens there. @throws {RunningMockError} when it is something else */
  async identity(): Promise<MockIdentity | undefined> {
    let response: Response
    try {
      response = await this.#fetch(this.#address(''), { signal: AbortSignal.timeout(5000) })
    } catch {
      return undefined
    }
    const body: unknown = await response.json().catch(() => undefined)
    if (typeof body === 'object' && body !== null && 'name' in body && body.name === 'portvakt-mock') {
      return body as MockIdentity
    }
    throw new RunningMockError(
      `What answers at ${this.url} is no portvakt-mock: stop it, or name another place by --url`,
    )
  }

  /** @throws {RunningMockError} */
  async issueToken(options: IssueTokenOptions = {}): Promise<string> {
    return this.#send('/tokens', { options })
  }

  /** @throws {RunningMockError} */
  async badToken(name: BadTokenName, options: IssueTokenOptions = {}): Promise<string> {
    return this.#send('/tokens', { name, options })
  }

  /** @throws {RunningMockError} */
  async addScope(scope: MockScope): Promise<void> {
    await this.#send<object>('/scopes', scope)
  }

  /** @throws {RunningMockError} */
  async apps(): Promise<readonly DescribedApp[]> {
    return this.#send('/apps')
  }

  /** @throws {RunningMockError} with everything that is wrong in the manifests */
  async provision(manifests: readonly NaisManifest[]): Promise<readonly DescribedApp[]> {
    return this.#send('/apps', { manifests, options: {} })
  }

  #address(path: string): string {
    return new URL(`${CONTROL_PATH}${path}`, this.url).href
  }

  /** The other side is of the same version and says what its routes say. */
  async #send<Answer>(path: string, body?: object): Promise<Answer> {
    const headers = { 'content-type': 'application/json' }
    const init = body && { method: 'POST', body: JSON.stringify(body), headers }
    const response = await this.#fetch(this.#address(path), init).catch((cause: unknown) => {
      throw new RunningMockError(`No mock answers at ${this.url}: start one with \`portvakt-mock serve\``, {
        cause,
      })
    })
    const answer: unknown = await response.json()
    // What an answer holds that is not an error is for the routes to say.
    if (response.ok) return answer as Answer
    const { error } = answer as { readonly error?: string }
    throw new RunningMockError(error ?? `The mock at ${this.url} answered ${response.status}`)
  }
}
