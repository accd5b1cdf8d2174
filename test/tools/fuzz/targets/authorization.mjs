// The Authorization header: the result is a token without blanks and commas, or a refusal.

import { authorizationValues } from '../../../../packages/core/dist/adapter.js'
import { bearerToken } from '../../../../packages/core/dist/http/bearer.js'
import { MaskinportenError } from '../../../../packages/core/dist/index.js'

export function fuzz(data) {
  const lines = data.toString('latin1').split('\n')
  const headers = { authorization: lines[0], Authorization: lines.slice(1) }
  for (const given of [
    lines[0],
    lines,
    authorizationValues({ rawHeaders: lines }),
    authorizationValues({ headers }),
  ]) {
    try {
      const token = bearerToken(given)
      if (token === '' || /^ |,/.test(token)) throw new Error(`Accepted as a token: ${JSON.stringify(token)}`)
    } catch (error) {
      if (!(error instanceof MaskinportenError)) throw error
    }
  }
}
