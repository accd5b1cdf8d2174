import { decodeJwt, importJWK, importPKCS8, type JWTPayload, SignJWT } from 'jose'
import { expect } from 'vitest'
import type { MockCertificate, MockClient, MockMaskinporten, TestClock } from '../src/index.js'

export const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** What an answer of the token endpoint says. */
export interface Answer {
  readonly status: number
  readonly error: string | undefined
  readonly description: string
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
    const key = certificate
      ? await importPKCS8(certificate.pem, 'RS256')
      : await importJWK({ ...client.jwk }, 'RS256')
    const named = certificate ? { x5c: certificate.x5c } : { kid: client.jwk?.kid }
    return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', ...named, ...header } as never).sign(key)
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
    const { access_token: token, error, error_description: description = '' } = JSON.parse(text)
    const claims = token === undefined ? undefined : decodeJwt(token)
    return { status: response.status, error, description, text, claims }
  }

  /** The claims of the token that was earned. */
  async earned(claims?: object, header?: Record<string, unknown>): Promise<JWTPayload> {
    const answer = await this.ask(claims, header)
    expect([answer.status, answer.description]).toEqual([200, ''])
    return answer.claims ?? {}
  }

  /** A refusal names its code first, and gives no token. */
  async refused(code: string, message: RegExp, ...given: Parameters<Grants['ask']>): Promise<void> {
    const answer = await this.ask(...given)
    expect(answer.description).toMatch(new RegExp(`^${code}: `))
    expect(answer.description).toMatch(message)
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.text).not.toContain('access_token')
  }
}
