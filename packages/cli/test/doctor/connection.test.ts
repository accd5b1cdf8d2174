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

it('the step `tls` of `doctor` is skipped for an http: address on loopback', async () => {
  expect(await outcomes('http://127.0.0.1:1/')).toEqual([
    ['dns', 'passed', '127.0.0.1 is 127.0.0.1'],
    ['tls', 'skipped', 'the issuer is an http: address'],
    ['proxy', 'passed', 'none is set for this address'],
  ])
})

it('the step `tls` of `doctor` fails for an untrusted certificate, with the platform’s error code', async () => {
  const [, tls] = await outcomes(`https://127.0.0.1:${port}/`)
  const detail = expect.stringMatching(/^no TLS connection to 127\.0\.0\.1, port \d+ \([A-Z_]{10,}\)$/)
  expect(tls).toEqual(['tls', 'failed', detail])
})

it('the step `dns` of `doctor` passes for an IPv6 address in brackets', async () => {
  const [dns] = await outcomes('http://[::1]:1/')
  expect(dns).toEqual(['dns', 'passed', '::1 is ::1'])
})
