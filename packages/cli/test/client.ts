import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startMockMaskinporten } from '@portvakt/mock'
import { dotenvOf, writeVariables } from '@portvakt/mock/internal'
import { afterAll } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { portvakt } from './cli.js'

/** A scope that is granted to the client. */
export const GRANTED = 'nav:x.read'
/** A scope that is registered on the client, but not granted to the client's organisation. */
export const UNGRANTED = 'skatt:y.read'
/** A scope that is not registered on the client. */
export const UNREGISTERED = 'nav:z.read'

/**
 * Serves a mock in this process, with a client whose key `portvakt keygen` made. In the result, `options` are
 * command-line options that name the client, and `env` has the variables of the client.
 */
export async function serveWithClient() {
  const directory = await temporaryDirectory()
  const file = (name: string) => join(directory, name)
  await portvakt(['keygen'], {}, { cwd: directory })
  const key = file('maskinporten-private.jwk')
  const mock = await startMockMaskinporten({
    scopes: [{ name: GRANTED }, { name: UNREGISTERED }, { name: UNGRANTED, consumers: ['889640782'] }],
  })
  afterAll(() => mock.close())
  const jwk = JSON.parse(await readFile(file('maskinporten-public.jwk'), 'utf8'))
  const { clientId } = await mock.addClient({ jwk, scopes: [GRANTED, UNGRANTED] })
  const privateJwk = (await readFile(key, 'utf8')).trim()
  const env = {
    MASKINPORTEN_CLIENT_ID: clientId,
    MASKINPORTEN_CLIENT_JWK: privateJwk,
    MASKINPORTEN_WELL_KNOWN_URL: `${mock.url}.well-known/oauth-authorization-server`,
  }
  await writeFile(file('.env'), dotenvOf(env))
  await writeVariables(file('mounted'), env)
  const options = ['--issuer', mock.url, '--client-id', clientId, '--key', key]
  return { mock, clientId, privateJwk, env, options, file }
}
