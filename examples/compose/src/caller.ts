import { createMaskinportenClient } from '@portvakt/client'
import { insecureHttp } from './insecure-http.js'

const client = createMaskinportenClient({ insecureHttp })
const { accessToken } = await client.getToken({ scope: 'portvakt:vedtak.read' })

// `client.fetch` sends tokens only over https or to loopback. The API's container has no certificate, so call
// the API with the global `fetch`.
const headers = { authorization: `Bearer ${accessToken}` }
const response = await fetch(new URL('/vedtak', process.env['API_URL']), { headers, redirect: 'error' })
console.log(`The API answers ${response.status}: ${await response.text()}`)
process.exitCode = response.ok ? 0 : 1
