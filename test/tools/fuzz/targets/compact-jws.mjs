// Compact JWS: an accepted token has exactly one encoding.

import { MaskinportenError } from '../../../../packages/core/dist/index.js'
import { readCompactJws } from '../../../../packages/core/dist/jws/compact-jws.js'

const RULES = { algorithms: ['RS256', 'RS384', 'RS512'], maxTokenLength: 16_384 }

export function fuzz(data) {
  const text = data.toString('latin1')
  // The input is used as a token, and then as the JSON of a header and claims. Mutated JSON reaches more
  // code.
  const [header = '', claims = ''] = text.split('\n')
  const made = [header, claims, 'AAAA']
    .map((part) => Buffer.from(part, 'latin1').toString('base64url'))
    .join('.')
  for (const token of [text, made]) {
    try {
      const jws = readCompactJws(token, RULES)
      const again = token
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('base64url'))
        .join('.')
      if (again !== token || !RULES.algorithms.includes(jws.algorithm) || typeof jws.keyId !== 'string') {
        throw new Error('Accepted in another encoding, or with another header')
      }
    } catch (error) {
      if (!(error instanceof MaskinportenError)) throw error
    }
  }
}
