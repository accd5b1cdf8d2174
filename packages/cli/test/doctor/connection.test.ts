import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'
import { checkConnection } from '../../src/doctor/connection.js'
import { Diagnosis } from '../../src/doctor/diagnosis.js'

const { pem: key, certificateChain: cert } = await (await createMockMaskinporten()).issueCertificate()
const server = createServer({ key, cert })
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => server.close())
const { port } = server.address() as AddressInfo

async function outcomes(issuer: string) {
  const diagnosis = new Diagnosis()
  await checkConnection(diagnosis, issuer)
  return diagnosis.steps.map(({ step, outcome, detail }) => [step, outcome, detail])
}

it('an http: address of this machine needs no TLS', async () => {
  expect(await outcomes('http://127.0.0.1:1/')).toEqual([
    ['dns', 'passed', '127.0.0.1 is 127.0.0.1'],
    ['tls', 'skipped', 'the issuer is an http: address'],
    ['proxy', 'passed', 'none is set for this address'],
  ])
})

it('a certificate that this process does not trust fails, with the code of the platform', async () => {
  const [, tls] = await outcomes(`https://127.0.0.1:${port}/`)
  const detail = expect.stringMatching(/^no TLS connection to 127\.0\.0\.1, port \d+ \([A-Z_]{10,}\)$/)
  expect(tls).toEqual(['tls', 'failed', detail])
})

it('an IPv6 address in brackets is an address', async () => {
  const [dns] = await outcomes('http://[::1]:1/')
  expect(dns).toEqual(['dns', 'passed', '::1 is ::1'])
})
