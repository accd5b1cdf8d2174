// Answers from Texas: a valid token is allowed if and only if the answer has `active: true`.
import { generateKeyPairSync, sign } from 'node:crypto'
import { createTexasValidator, MaskinportenError } from '../../../../packages/core/dist/index.js'

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const claims = {
  iss: 'https://maskinporten.no/',
  iat: 1_000_000,
  exp: 1_000_120,
  scope: 'nav:x.read',
  consumer: { authority: 'iso6523-actorid-upis', ID: '0192:889640782' },
}
const signed = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}`
const TOKEN = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`

let answer
const validator = createTexasValidator({
  environment: 'prod',
  jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] },
  introspectionEndpoint: 'http://127.0.0.1/api/v1/introspect',
  clock: { now: () => 1_000_000_000, elapsed: () => 0, after: () => () => undefined },
  fetch: async () => new Response(answer),
})

export async function fuzz(data) {
  answer = data
  try {
    await validator.verify(TOKEN, 'nav:x.read')
  } catch (error) {
    if (!(error instanceof MaskinportenError)) throw error
    return
  }
  if (JSON.parse(data.toString()).active !== true) throw new Error('Allowed without `active: true`')
}
