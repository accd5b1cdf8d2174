import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { systemClock } from '@portvakt/core'
import {
  connectionHint,
  PROXY_ADVICE,
  proxyIsUnused,
  safeCause,
  settleWithin,
  UpstreamError,
} from '@portvakt/core/internal'
import { type Diagnosis, type Finding, Problem } from './diagnosis.js'

/**
 * Timeout of each network operation in milliseconds, equal to the defaults of the client and the validator.
 */
const TIMEOUT = 5000

/** Runs `work` with this timeout. @throws {UpstreamError} `timeout` */
export function within<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return settleWithin(systemClock, TIMEOUT, work, () => new UpstreamError('timeout'), false)
}

/** Whether a proxy is set for https: addresses, and whether Node uses it. */
type Proxy = 'none' | 'used' | 'unused'

function proxyFor(url: string): Proxy {
  const isSet = Boolean(process.env['HTTPS_PROXY'] ?? process.env['https_proxy'])
  if (!isSet || !url.startsWith('https:')) return 'none'
  return proxyIsUnused(url) ? 'unused' : 'used'
}

/** Runs the steps `dns`, `tls` and `proxy`. @param issuer the URL of the issuer */
export async function checkConnection(diagnosis: Diagnosis, issuer: string): Promise<void> {
  const part = 'Maskinporten'
  const url = new URL(issuer)
  const proxy = proxyFor(issuer)
  if (proxy === 'used') {
    const detail = 'by the proxy: the step metadata shows whether it connects'
    for (const step of ['dns', 'tls']) diagnosis.skip({ part, step }, detail)
  } else {
    await diagnosis.make({ part, step: 'dns' }, async () => [await lookUp(url), undefined])
    if (url.protocol === 'http:') diagnosis.skip({ part, step: 'tls' }, 'the issuer is an http: address')
    else
      await diagnosis.make({ part, step: 'tls', needs: ['dns'] }, async () => [
        await shakeHands(url),
        undefined,
      ])
  }
  await diagnosis.make({ part, step: 'proxy' }, async () => [
    proxyFinding(proxy, diagnosis.hasPassed('tls')),
    undefined,
  ])
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')

async function lookUp(url: URL): Promise<Finding> {
  const host = hostOf(url)
  const found = await within(() => lookup(host, { all: true })).catch((error: unknown) => {
    if (error instanceof UpstreamError) throw error
    const { code } = safeCause(error)
    throw new Problem(`${host} has no address (${code})`, connectionHint(code))
  })
  return `${host} is ${found.map(({ address }) => address).join(', ')}`
}

async function shakeHands(url: URL): Promise<Finding> {
  const host = hostOf(url)
  const port = Number(url.port || 443)
  const servername = isIP(host) === 0 ? host : ''
  let socket: TLSSocket | undefined
  const connecting = (): Promise<void> =>
    new Promise((resolve, reject) => {
      // `rejectUnauthorized` verifies the certificate even if NODE_TLS_REJECT_UNAUTHORIZED is 0.
      socket = connect({ host, port, servername, rejectUnauthorized: true }, resolve).once('error', reject)
    })
  try {
    await within(connecting)
    const { valid_to: validTo } = socket?.getPeerCertificate() ?? {}
    return `${socket?.getProtocol()} to port ${port}, with a trusted certificate until ${validTo}`
  } catch (error) {
    if (error instanceof UpstreamError) throw error
    const { code } = safeCause(error)
    throw new Problem(`no TLS connection to ${host}, port ${port} (${code})`, connectionHint(code))
  } finally {
    socket?.destroy()
  }
}

function proxyFinding(proxy: Proxy, isConnected: boolean): Finding {
  if (proxy === 'none') return 'none is set for this address'
  if (proxy === 'used') return 'Node uses HTTPS_PROXY, unless NO_PROXY names the host'
  if (isConnected) return { detail: 'HTTPS_PROXY is set, and Node connects without it', fix: PROXY_ADVICE }
  throw new Problem('HTTPS_PROXY is set, and Node does not use it', PROXY_ADVICE)
}
