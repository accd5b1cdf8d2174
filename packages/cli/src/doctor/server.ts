import { createTexasValidator, type MaskinportenValidator } from '@portvakt/core'
import { endpointIn, isObject, issuerIn, type ResolvedIssuer, readJson, send } from '@portvakt/core/internal'
import { cliVariables } from '../variables.js'
import { within } from './connection.js'
import { type Diagnosis, type Finding, Problem } from './diagnosis.js'

/** The steps that every request to Maskinporten depends on. */
export const CONNECTION = ['dns', 'tls']

/**
 * Runs the steps `metadata` and `clock` with one request.
 *
 * @returns the issuer that the metadata names
 */
export async function checkMetadata(
  diagnosis: Diagnosis,
  { issuers, metadataUrl }: ResolvedIssuer,
): Promise<string | undefined> {
  const part = 'Maskinporten'
  let offset: number | undefined
  const named = await diagnosis.make({ part, step: 'metadata', needs: CONNECTION }, () =>
    within(async (signal) => {
      const asked = Date.now()
      const response = await send(metadataUrl, undefined, { headers: { accept: 'application/json' }, signal })
      offset = offsetIn(response.headers.get('date'), (asked + Date.now()) / 2)
      const { status } = response
      if (status !== 200)
        throw new Problem(
          `${metadataUrl} answers ${status}`,
          'correct the issuer, or see Digdir’s status page',
        )
      const issuer = readMetadata(await readJson(response, signal), issuers)
      return [metadataUrl, issuer] as const
    }),
  )
  if (offset === undefined) diagnosis.skip({ part, step: 'clock' }, 'no answer has a `Date`')
  else {
    const seconds = offset
    await diagnosis.make({ part, step: 'clock' }, async () => [clockFinding(seconds), undefined])
  }
  return named
}

/** @returns the issuer of the metadata */
function readMetadata(document: unknown, issuers: readonly string[]): string {
  const issuer = issuerIn(document, issuers)
  const endpoints = ['jwks_uri', 'token_endpoint'] as const
  if (issuer === undefined) {
    const name = isObject(document) ? document['issuer'] : undefined
    const found = typeof name === 'string' ? `the issuer ${JSON.stringify(name.slice(0, 200))}` : 'no issuer'
    throw new Problem(
      `the metadata names ${found}, and not ${issuers.join(' or ')}`,
      'configure the issuer exactly as the metadata names it, slash at the end included',
    )
  }
  const missing = endpoints.find((member) => endpointIn(document, issuer, member) === undefined)
  if (missing === undefined) return issuer
  throw new Problem(
    `the metadata has no \`${missing}\` on the issuer’s host`,
    'check that the address is that of Maskinporten, and that no proxy answers in its place',
  )
}

/**
 * Returns the seconds by which this machine's clock is ahead of the server's. The header `Date` is cut to
 * whole seconds, so half a second is added to it.
 */
function offsetIn(date: string | null, now: number): number | undefined {
  const server = date === null ? Number.NaN : Date.parse(date)
  return Number.isNaN(server) ? undefined : (now - server - 500) / 1000
}

/**
 * Tolerated clock difference in seconds. Maskinporten accepts an `iat` that is at most 10 s from its own
 * time, and a validator tolerates 10 s by default.
 */
const TOLERANCE = 10

function clockFinding(offset: number): Finding {
  const seconds = Math.round(Math.abs(offset))
  const detail =
    seconds === 0
      ? 'this machine’s clock agrees with the server’s'
      : `this machine’s clock is ${seconds} s ${offset > 0 ? 'ahead of' : 'behind'} the server’s`
  if (seconds <= TOLERANCE) return detail
  throw new Problem(`${detail}; ${TOLERANCE} s are tolerated`, 'synchronise the clock of this machine (NTP)')
}

interface KeyChecks {
  readonly needs: readonly string[]
  /** Whether options name the issuer. If so, Texas's variables are not read. */
  readonly isByOptions: boolean
  readonly insecureHttp: boolean
}

/** Runs the step `keys`, and the step `texas` if the introspection endpoint of Texas is configured. */
export async function checkKeys(
  diagnosis: Diagnosis,
  validator: MaskinportenValidator,
  { needs, isByOptions, insecureHttp }: KeyChecks,
): Promise<void> {
  const part = 'provider'
  await diagnosis.make({ part, step: 'keys', needs }, async () => {
    await validator.ready()
    return [keysFinding(validator), undefined]
  })
  const endpoint = cliVariables().read('NAIS_TOKEN_INTROSPECTION_ENDPOINT')
  if (isByOptions || endpoint === undefined) return
  await diagnosis.make({ part, step: 'texas', needs: ['keys'] }, async () => {
    await createTexasValidator({ insecureHttp }).ready()
    return ['it answers at NAIS_TOKEN_INTROSPECTION_ENDPOINT', undefined]
  })
}

function keysFinding(validator: MaskinportenValidator): Finding {
  const { keys, unusableKeys = [] } = validator.health()
  const detail = keys === 1 ? '1 key can be used' : `${keys} keys can be used`
  if (unusableKeys.length === 0) return detail
  const problems = new Set(unusableKeys.map(({ problem }) => problem))
  return {
    detail: `${detail}, and ${unusableKeys.length} cannot (${[...problems].join(', ')})`,
    fix: 'report the unusable keys to the issuer: tokens that they sign are refused',
  }
}
