// Claims: the result has the declared types and is frozen, or is a refusal. No prototype is polluted.
import { MaskinportenError } from '../../../../packages/core/dist/index.js'
import { readClaims } from '../../../../packages/core/dist/internal.js'
import { isObject, isSafeJson } from '../../../../packages/core/dist/platform/json.js'

export function fuzz(data) {
  let claims
  try {
    claims = JSON.parse(data.toString())
  } catch {
    return
  }
  if (!isObject(claims) || !isSafeJson(claims)) return
  try {
    const { token } = readClaims(claims)
    const { issuer, scopes, consumer, audience, expiresAt } = token
    const isTyped =
      typeof issuer === 'string' &&
      [scopes, audience].every((list) => list.every((entry) => typeof entry === 'string')) &&
      typeof consumer.id === 'string' &&
      Number.isFinite(expiresAt)
    if (!isTyped || !Object.isFrozen(token)) throw new Error('Accepted claims are untyped or not frozen')
    const number = consumer.organisationNumber
    if (number !== undefined && consumer.id !== `0192:${number}`)
      throw new Error('The organisation number is not from the id')
    if ('pid' in JSON.parse(JSON.stringify(token))) throw new Error('The JSON contains a person’s number')
  } catch (error) {
    if (!(error instanceof MaskinportenError)) throw error
  }
  if (Object.keys(Object.prototype).length > 0) throw new Error('Object.prototype is polluted')
}
