import { createMaskinportenClient } from '@portvakt/client'
import { insecureHttp } from './insecure-http.js'

const client = createMaskinportenClient({ insecureHttp })
const { accessToken } = await client.getToken({ scope: 'portvakt:vedtak.read' })

// Call the API without `client.fetch`: it sends tokens only over https or to loopback, and the API's
// container has no certificate.
const headers = { authorization: `Bearer ${accessToken}` }
const response = await fetch(new URL('/vedtak', process.env['API_URL']), { headers, redirect: 'error' })
console.log(`The API answers ${response.status}: ${await response.text()}`)
process.exitCode = response.ok ? 0 : 1
