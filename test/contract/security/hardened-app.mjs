// An app that verifies, refuses and explains tokens. The app uses only core, and signs the tokens with its
// own key.
import { createSign, generateKeyPairSync } from 'node:crypto'
import { createMaskinportenValidator } from '@portvakt/core'

const ISSUER = 'https://maskinporten.no/'
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
const iat = Math.floor(Date.now() / 1000)
const consumer = { authority: 'iso6523-actorid-upis', ID: '0192:889640782' }
const claims = { iss: ISSUER, iat, exp: iat + 60, scope: 'nav:x.read', consumer }
const signed = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}`
const token = `${signed}.${createSign('sha256').update(signed).sign(privateKey).toString('base64url')}`

const before = Reflect.ownKeys(Object.prototype).join()
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }
const validator = createMaskinportenValidator({ issuer: ISSUER, jwks: { keys: [jwk] } })
const report = []
// The second verification finds the token in the cache.
for (let time = 0; time < 2; time++)
  report.push((await validator.verify(token, 'nav:x.read')).consumer.organisationNumber)
for (const [bad, scope] of [
  [`${token}x`, 'nav:x.read'],
  ['x', 'nav:x.read'],
  [token, 'nav:x.write'],
]) {
  report.push((await validator.decide(`Bearer ${bad}`, scope)).denial.reason)
  report.push((await validator.explain(bad, scope)).reason)
}
report.push(Reflect.ownKeys(Object.prototype).join() === before)
process.stdout.write(JSON.stringify(report))
