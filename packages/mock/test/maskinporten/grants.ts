import { decodeJwt, importJWK, importPKCS8, type JWTPayload, SignJWT } from 'jose'
import { expect } from 'vitest'
import type { MockCertificate, MockClient, MockMaskinporten, TestClock } from '../../src/index.js'

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** An answer of the token endpoint. */
export type Answer = Awaited<ReturnType<Grants['post']>>

/** A client that sends token requests. A test can change the assertion and its header. */
export class Grants {
  constructor(
    readonly mock: MockMaskinporten,
    readonly clock: TestClock,
    readonly client: Pick<MockClient, 'clientId' | 'jwk'>,
    readonly certificate?: MockCertificate,
  ) {}

  /** Makes a valid assertion with changes; `undefined` removes a member. */
  async assertion(claims: object = {}, header: Record<string, unknown> = {}): Promise<string> {
    const { client, certificate } = this
    const now = Math.floor(this.clock.now() / 1000)
    const jti = crypto.randomUUID()
    const times = { iat: now, exp: now + 30, jti }
    const valid = { aud: this.mock.issuer, iss: client.clientId, scope: 'nav:a', ...times }
    const payload = JSON.parse(JSON.stringify({ ...valid, ...claims }))
    const alg = typeof header['alg'] === 'string' ? header['alg'] : 'RS256'
    const key = certificate
      ? await importPKCS8(certificate.pem, alg)
      : await importJWK({ ...client.jwk, alg }, alg)
    const named = certificate ? { x5c: certificate.x5c } : { kid: client.jwk?.kid }
    return new SignJWT(payload).setProtectedHeader({ alg, ...named, ...header } as never).sign(key)
  }

  async ask(claims?: object, header?: Record<string, unknown>) {
    return this.use(await this.assertion(claims, header))
  }

  async use(assertion: string) {
    return this.post({ grant_type: GRANT_TYPE, assertion })
  }

  /** Sends a token request. `description` is empty if the answer is not an error. */
  async post(form: Record<string, string> | string, headers: Record<string, string> = {}) {
    const body = typeof form === 'string' ? form : new URLSearchParams(form)
    const response = await this.mock.fetch(`${this.mock.issuer}token`, { method: 'POST', body, headers })
    const text = await response.text()
    const members: Record<string, string> = JSON.parse(text)
    const { access_token: token, error_description: description = '' } = members
    const claims: JWTPayload = token === undefined ? {} : decodeJwt(token)
    return { status: response.status, headers: response.headers, text, body: members, description, claims }
  }

  /** Returns the claims of the issued token. Fails when the token request is refused. */
  async earned(claims?: object, header?: Record<string, unknown>): Promise<JWTPayload> {
    const answer = await this.ask(claims, header)
    expect([answer.status, answer.description]).toEqual([200, ''])
    return answer.claims
  }

  /** @param code Maskinporten's code; undefined for a refusal for which Digdir documents no code */
  async refused(code: string | undefined, message: RegExp, ...given: Parameters<Grants['ask']>) {
    this.refusedAnswer(await this.ask(...given), code, message)
  }

  refusedAnswer({ status, body, text, description }: Answer, code: string | undefined, message: RegExp) {
    expect(body['error_uri']).toBe(code && `${this.mock.issuer}errors/${code}`)
    expect(description).toMatch(message)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain('access_token')
  }
}
