import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { type ClientOptions, chooseClient, clientOptions } from '../src/client-options.js'
import { makeKeyPair } from '../src/key-pair.js'

const directory = await temporaryDirectory()
const { privateJwk, privatePem } = await makeKeyPair(2048, 'kid-1')
async function file(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text)
  return join(directory, name)
}
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const jwk = JSON.stringify(privateJwk)
const JWK = await file('key.jwk', jwk)
const PEM = await file('key.pem', privatePem)
const CHAIN = await file('chain.pem', CERTIFICATE)
const BOTH = await file('both.pem', privatePem + CERTIFICATE)
const BASE64 = await file('key.base64', Buffer.from(privatePem).toString('base64'))

const TEST = { environment: 'test', clientId: 'a' } as const

it.each<[string, string[], object]>([
  ['a JWK', [JWK], { jwk }],
  ['PEM and a key id', [PEM, '--key-id', 'b'], { pem: privatePem, keyId: 'b' }],
  ['PEM in base64', [BASE64, '--key-id', 'b'], { keyId: 'b' }],
  ['PEM and a certificate', [PEM, '--certificate', CHAIN], { certificateChain: CERTIFICATE }],
  ['PEM and certificate in one file', [BOTH], { certificateChain: privatePem + CERTIFICATE }],
])('the options of a command accept the client’s key as %s', async (_title, key, expected) => {
  const command = new Command()
  for (const option of clientOptions()) command.addOption(option)
  const args = ['--environment', 'test', '--client-id', 'a', '--key', ...key]
  const chosen = await chooseClient(command.parse(args, { from: 'user' }).opts())
  const options = { environment: 'test', clientId: 'a', key: expected }
  expect(chosen).toMatchObject({ by: '--client-id', options })
})

it('`--issuer` accepts an issuer that does not belong to Digdir’s environments', async () => {
  const at = { issuer: 'http://127.0.0.1:1/', insecureHttp: true } as const
  const chosen = await chooseClient({ ...at, clientId: 'a', key: JWK })
  expect(chosen?.options).toMatchObject(at)
})

it('the option `environment` without client id and key does not configure a client', async () => {
  expect(await chooseClient({ environment: 'test' })).toBeUndefined()
})

it.each<[ClientOptions, RegExp]>([
  [{ clientId: 'a' }, /--client-id and --key belong together/],
  [{ environment: 'test', key: JWK }, /--client-id and --key belong together/],
  [{ environment: 'test', keyId: 'b' }, /--client-id and --key belong together/],
  [{ clientId: 'a', key: JWK }, /either --environment or --issuer/],
  [{ ...TEST, issuer: 'http://127.0.0.1:1/', key: JWK }, /either --environment or --issuer/],
  [{ ...TEST, key: PEM }, /needs --key-id, or --certificate/],
  [{ ...TEST, key: PEM, keyId: 'b', certificate: CHAIN }, /not both/],
  [{ ...TEST, key: JWK, keyId: 'b' }, /a JWK has its own `kid`/],
  [{ env: '.env', clientId: 'a' }, /--env or --files, or --client-id and --key, not both/],
  [{ env: '.env', files: 'secrets' }, /--env or --files, not both/],
])('the options %j cause a CommandLineError that names the mistake', async (given, message) => {
  const error = await chooseClient(given).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'CommandLineError', message: expect.stringMatching(message) })
  expect(String(error)).not.toContain(privateJwk.d)
})

it('the error for a missing certificate names the file', async () => {
  const given = { ...TEST, key: PEM, certificate: 'nowhere.pem' }
  await expect(chooseClient(given)).rejects.toThrow('nowhere.pem: cannot be read (ENOENT)')
})

it.each([jwk, privatePem, Buffer.from(jwk).toString('base64')])(
  'the error for a key given in place of its file name does not repeat the key (%#)',
  async (key) => {
    const message = /^--key must name a file\. .* \(E\w+\)$/
    await expect(chooseClient({ ...TEST, key })).rejects.toThrow(message)
  },
)
