// Texas's answers: only one that says `active: true` with good claims lets a token in.
import { createTexasValidator, MaskinportenError } from '../../../packages/core/dist/index.js'

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')
const claims = { iss: 'https://maskinporten.no/', exp: 4_000_000_000 }
const TOKEN = `${encode({ alg: 'RS256', kid: 'k' })}.${encode(claims)}.AAAA`

let answer
const validator = createTexasValidator({
  environment: 'prod',
  introspectionEndpoint: 'http://127.0.0.1/api/v1/introspect',
  maxTokenLifetime: 366 * 86_400,
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
  const said = JSON.parse(data.toString())
  if (said.active !== true || !said.scope.split(' ').includes('nav:x.read') || said.iss !== claims.iss) {
    throw new Error('let in without Texas’s word')
  }
}
