import { writeFile } from 'node:fs/promises'
import { DEFAULT_CONSUMER } from '@portvakt/mock'
import { decodeJwt } from 'jose'
import { beforeEach, expect, it } from 'vitest'
import { portvakt } from './cli.js'
import { GRANTED, serveWithClient, UNREGISTERED } from './client.js'

const { mock, clientId, privateJwk, env, options, file } = await serveWithClient()
beforeEach(() => mock.clearFaults())

const token = (args: readonly string[], variables: Record<string, string> = {}) =>
  portvakt(['token', '--scope', GRANTED, ...args], variables)

it.each<[string, readonly string[], Record<string, string>, string]>([
  ['options', options, {}, '--client-id'],
  ['variables', [], env, 'MASKINPORTEN_CLIENT_ID'],
  ['a .env file', ['--env', file('.env')], {}, 'MASKINPORTEN_CLIENT_ID'],
  ['the files that NAIS mounts', ['--files', file('mounted')], {}, 'MASKINPORTEN_CLIENT_ID'],
])('`token` prints only a token for the client that %s configure', async (_title, args, variables, by) => {
  const { code, stdout, stderr } = await token(args, variables)
  expect([code, stderr]).toEqual([0, `for the client of ${by}\n`])
  expect(decodeJwt(stdout.trim())).toMatchObject({ iss: mock.issuer, client_id: clientId, scope: GRANTED })
})

it('`token` signs with an enterprise certificate', async () => {
  const { clientId: id } = await mock.addClient({ authentication: 'certificate', scopes: [GRANTED] })
  const { pem, certificateChain } = await mock.issueCertificate()
  await writeFile(file('certificate.pem'), pem + certificateChain)
  const { stdout } = await token(['--issuer', mock.url, '--client-id', id, '--key', file('certificate.pem')])
  expect(decodeJwt(stdout.trim())).toMatchObject({ client_id: id, client_amr: 'virksomhetssertifikat' })
})

it('`token --env` reads variables only from the file, even if a missing variable is set in the shell', async () => {
  const { MASKINPORTEN_CLIENT_ID, ...rest } = env
  await writeFile(file('incomplete.env'), `MASKINPORTEN_CLIENT_ID='${MASKINPORTEN_CLIENT_ID}'\n`)
  const ended = await token(['--env', file('incomplete.env')], rest)
  const stderr = expect.stringMatching(/^portvakt: MASKINPORTEN_CLIENT_JWK is not set/)
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr })
})

it('`token` gets its token from Texas when only Texas is configured', async () => {
  const { NAIS_TOKEN_ENDPOINT = '' } = mock.env
  const { stdout, stderr } = await token([], { NAIS_TOKEN_ENDPOINT })
  expect(decodeJwt(stdout.trim())).toMatchObject({ scope: GRANTED })
  expect(stderr).toBe('for the client of NAIS_TOKEN_ENDPOINT\n')
})

it('`token` passes on the audience, person, customer or system user that its options name', async () => {
  const [owner, customer] = ['313367002', '310385980']
  mock.addSystemUser({ vendor: DEFAULT_CONSUMER, customer: owner })
  mock.addDelegation({ consumer: customer, supplier: DEFAULT_CONSUMER, scopes: [GRANTED] })
  const claimsOf = async (...args: string[]) => decodeJwt((await token([...options, ...args])).stdout.trim())
  expect(await claimsOf('--audience', 'https://api.example.no/', '--pid', '01010199999')).toMatchObject({
    aud: 'https://api.example.no/',
    pid: '01010199999',
  })
  expect(await claimsOf('--consumer-org', customer)).toMatchObject({ consumer: { ID: `0192:${customer}` } })
  const [entry] = [(await claimsOf('--system-user', owner))['authorization_details']].flat()
  expect(entry).toMatchObject({ type: 'urn:altinn:systemuser', systemuser_org: { ID: `0192:${owner}` } })
})

it('`token --decode` prints header and claims, with readable times or with --json as JSON, and no token', async () => {
  const { stdout } = await token([...options, '--decode'])
  expect(stdout).toMatch(/^header\n[\s\S]*\nclaims\n[\s\S]*^ {2}exp +\d{4}-\S+Z, in \d+ (?:s|min)$/m)
  const json = (await token([...options, '--decode', '--json'])).stdout
  expect(JSON.parse(json)).toMatchObject({ header: { alg: 'RS256' }, claims: { client_id: clientId } })
  expect(stdout + json).not.toMatch(/eyJ/)
})

it('`token` prints the token and its claims with --json, and a line that calls an API with --curl', async () => {
  const { token: text, claims } = JSON.parse((await token([...options, '--json'])).stdout)
  expect(decodeJwt(text)).toEqual(claims)
  const { stdout } = await token([...options, '--curl', 'https://api.example.no/vedtak'])
  expect(stdout).toMatch(/^curl -i -H 'Authorization: Bearer eyJ\S+' 'https:\/\/api\.example\.no\/vedtak'\n$/)
})

it('`token` prints the refusal of a scope with its code and a fix', async () => {
  const ended = await portvakt(['token', '--scope', UNREGISTERED, ...options])
  const stderr = expect.stringMatching(/MP-200.*spec\.maskinporten\.scopes\.consumes/)
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr })
  expect(ended.stderr).not.toMatch(/eyJ/)
  expect(ended.stderr).not.toContain(JSON.parse(privateJwk).d.slice(0, 16))
})

it('`token --url` uses the mock even when variables configure a client', async () => {
  const { stdout, stderr } = await token(['--url', mock.url, '--expires-in', '3600'], env)
  expect(decodeJwt(stdout.trim())['client_id']).not.toBe(clientId)
  expect(stderr).toContain('from the mock')
})

const PERSON = '01010199999'
const OF_THE_MOCK = /is for tokens of the mock, and --client-id configures a client/
it.each<[string, readonly string[], RegExp]>([
  ['an environment without a client', ['--environment', 'test'], /need a client: give --client-id and --key/],
  ['a scope without its prefix', [...options, '--scope', 'afp'], /^portvakt: `--scope`: "afp".*prefix/],
  ['an issuer that is not a URL', [...options, '--issuer', 'foo'], /--issuer must be an absolute URL/],
  ['a client and --url', [...options, '--url', mock.url], /--url for the mock, or the options of a client/],
  ['a client and --consumer', [...options, '--consumer', '889640782'], OF_THE_MOCK],
  ['a client and --supplier', [...options, '--supplier', '889640782'], OF_THE_MOCK],
  ['--consumer-org without a client', ['--consumer-org', '889640782'], /--consumer-org needs a client/],
  ['--system-user without a client', ['--system-user', '889640782'], /--system-user needs a client/],
  ['two audiences', [...options, '--audience', 'https://a.no/', 'https://b.no/'], /one --audience/],
  ['details that are not JSON', [...options, '--authorization-details', `{"${PERSON}`], /must be the JSON/],
  ['a consumer that is not a number', ['--consumer', PERSON], /--consumer must be nine digits/],
  ['a supplier that is not a number', ['--supplier', 'x'], /--supplier must be nine digits/],
  ['a customer that is not a number', [...options, '--consumer-org', PERSON], /--consumer-org must be nine/],
  ['a system user that is not a number', [...options, '--system-user', ''], /--system-user must be nine/],
  ['a pid with a space', ['--pid', `${PERSON} `], /--pid must be eleven digits/],
  ['an audience that is not a URI', [...options, '--audience', 'a b'], /`resource` must be an absolute URI/],
  ['an empty lifetime', ['--expires-in', ''], /--expires-in must be whole seconds/],
  ['a lifetime in hexadecimal', ['--expires-in', '0x10'], /--expires-in must be whole seconds/],
  ['--curl on plain http', [...options, '--curl', `http://a.no/${PERSON}`], /--curl must be an https: URL/],
  ['--curl and --json', [...options, '--curl', 'https://a.no/', '--json'], /--curl.*--json/],
  ['--curl and --decode', [...options, '--decode', '--curl', 'https://a.no/'], /--decode.*--curl/],
])('`token` with %s exits with 2, and the error names the mistake', async (_title, args, message) => {
  const ended = await token(args)
  expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) })
  expect(ended.stderr).not.toContain(PERSON)
})

it('when variables configure a client, `token --expires-in` exits with 2 and names the variable', async () => {
  const stderr = expect.stringContaining('--expires-in is for tokens of the mock, and MASKINPORTEN_CLIENT_ID')
  expect(await token(['--expires-in', '5'], env)).toMatchObject({ code: 2, stdout: '', stderr })
})

it('in production, `token` works with a client and refuses the mock', async () => {
  const NODE_ENV = 'production'
  expect((await token(options, { NODE_ENV })).code).toBe(0)
  const ended = await token(['--url', mock.url], { ...env, NODE_ENV })
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('NODE_ENV=production') })
})

it('if the token endpoint does not answer with a token, the error of `token` does not quote the answer', async () => {
  mock.addFault('token', { status: 200, body: '{"access_token":"secret token","token_type":"Bearer"}' })
  const ended = await token(options)
  expect(ended).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('unexpected_answer') })
  expect(ended.stderr).not.toContain('secret')
})

it('`token --altinn` exchanges the token of a client, or of the mock, for a token of Altinn', async () => {
  const iss = expect.stringContaining('authentication')
  for (const args of [options, ['--url', mock.url]]) {
    const { code, stdout } = await token([...args, '--altinn'])
    expect(code).toBe(0)
    expect(decodeJwt(stdout.trim())).toMatchObject({ iss, scope: GRANTED })
  }
})
