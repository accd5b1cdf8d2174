import { decodeJwt, importJWK, importPKCS8, type JWTPayload, SignJWT } from 'jose'
import { expect } from 'vitest'
import type { MockCertificate, MockClient, MockMaskinporten, TestClock } from '../../src/index.js'

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** What an answer of the token endpoint says. */
export interface Answer {
  readonly status: number
  readonly error: string | undefined
  readonly description: string
  /** Undefined where the refusal has no code. */
  readonly errorUri: string | undefined
  readonly text: string
  /** The claims of the token, where there is one. */
  readonly claims: JWTPayload | undefined
}

/** A client that can be told to make every mistake. */
export class Grants {
  constructor(
    readonly mock: MockMaskinporten,
    readonly clock: TestClock,
    readonly client: Pick<MockClient, 'clientId' | 'jwk'>,
    readonly certificate?: MockCertificate,
  ) {}

  /** A good assertion with changes; `undefined` takes a member out. */
  async assertion(claims: object = {}, header: Record<string, unknown> = {}): Promise<string> {
    const { client, certificate } = this
    const now = Math.floor(this.clock.now() / 1000)
    const payload = JSON.parse(
      JSON.stringify({
        aud: this.mock.issuer,
        iss: client.clientId,
        scope: 'nav:a',
        iat: now,
        exp: now + 30,
        jti: crypto.randomUUID(),
        ...claims,
      }),
    )
    const alg = typeof header['alg'] === 'string' ? header['alg'] : 'RS256'
    const key = certificate
      ? await importPKCS8(certificate.pem, alg)
      : await importJWK({ ...client.jwk, alg }, alg)
    const named = certificate ? { x5c: certificate.x5c } : { kid: client.jwk?.kid }
    return new SignJWT(payload).setProtectedHeader({ alg, ...named, ...header } as never).sign(key)
  }

  async ask(claims?: object, header?: Record<string, unknown>): Promise<Answer> {
    return this.use(await this.assertion(claims, header))
  }

  async use(assertion: string): Promise<Answer> {
    const response = await this.mock.fetch(`${this.mock.issuer}token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion }),
    })
    const text = await response.text()
    const body = JSON.parse(text)
    const { access_token: token, error, error_description: description = '', error_uri: errorUri } = body
    const claims = token === undefined ? undefined : decodeJwt(token)
    return { status: response.status, error, description, errorUri, text, claims }
  }

  /** The claims of the token that was earned. */
  async earned(claims?: object, header?: Record<string, unknown>): Promise<JWTPayload> {
    const answer = await this.ask(claims, header)
    expect([answer.status, answer.description]).toEqual([200, ''])
    return answer.claims ?? {}
  }

  /** @param code undefined for a refusal that Digdir documents without a code */
  async refused(
    code: string | undefined,
    message: RegExp,
    ...given: Parameters<Grants['ask']>
  ): Promise<void> {
    const answer = await this.ask(...given)
    expect(answer.errorUri).toBe(code && `${this.mock.issuer}errors/${code}`)
    expect(answer.description).toMatch(message)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).not.toContain('access_token')
  }
}
