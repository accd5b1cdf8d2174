import { createServer } from 'node:https'
import { createMockMaskinporten } from '@portvakt/mock'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { running } from '../../../../test/contract/conformance/host.js'
import { checkConnection } from '../../src/doctor/connection.js'
import { Diagnosis } from '../../src/doctor/diagnosis.js'

const { pem: key, certificateChain: cert } = await (await createMockMaskinporten()).issueCertificate()
const server = await running(createServer({ key, cert }))
afterAll(() => server.close())
afterEach(() => void vi.unstubAllEnvs())

async function stepsFor(issuer: string) {
  const diagnosis = new Diagnosis()
  await checkConnection(diagnosis, issuer)
  return diagnosis.steps.map(({ step, outcome, detail, fix }) => [step, outcome, detail, fix])
}

it('the step `tls` of `doctor` is skipped for an http: address on loopback', async () => {
  expect(await stepsFor('http://127.0.0.1:1/')).toEqual([
    ['dns', 'passed', '127.0.0.1 is 127.0.0.1', undefined],
    ['tls', 'skipped', 'the issuer is an http: address', undefined],
    ['proxy', 'passed', 'none is set for this address', undefined],
  ])
})

it('`doctor` reports an untrusted certificate with the platform’s error code, and a proxy that Node does not use', async () => {
  vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1').stubEnv('NODE_USE_ENV_PROXY', '0')
  const [, tls, proxy] = await stepsFor(`https://127.0.0.1:${server.port}/`)
  const detail = expect.stringMatching(/^no TLS connection to 127\.0\.0\.1, port \d+ \([A-Z_]{10,}\)$/)
  expect(tls).toEqual(['tls', 'failed', detail, expect.stringContaining('NODE_EXTRA_CA_CERTS')])
  const fix = expect.stringContaining('NODE_USE_ENV_PROXY')
  expect(proxy).toEqual(['proxy', 'failed', expect.any(String), fix])
})

it('the step `dns` of `doctor` passes for an IPv6 address in brackets', async () => {
  const [dns] = await stepsFor('http://[::1]:1/')
  expect(dns).toEqual(['dns', 'passed', '::1 is ::1', undefined])
})
