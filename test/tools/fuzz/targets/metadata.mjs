// Metadata is refused unless it names the issuer and a key endpoint on the issuer's host. Only that endpoint
// is fetched.

import { systemClock } from '../../../../packages/core/dist/index.js'
import { fetchedKeys } from '../../../../packages/core/dist/keys/key-source.js'
import { UpstreamError } from '../../../../packages/core/dist/platform/fetch-json.js'

const ISSUER = 'https://maskinporten.no/'
const METADATA = `${ISSUER}.well-known/oauth-authorization-server`

export async function fuzz(data) {
  const fetched = []
  const source = fetchedKeys({ issuers: [ISSUER], metadataUrl: METADATA }, systemClock, async (url) => {
    fetched.push(url)
    return new Response(data)
  })
  try {
    await source.fetch(new AbortController().signal)
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error
  }
  for (const url of fetched) {
    if (new URL(url).origin !== 'https://maskinporten.no') throw new Error('Fetched from another origin')
  }
}
