import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ADAPTERS } from '../../adapters.mjs'
import { blocksOf } from '../../docs/blocks.js'
import { APP_DEPENDENCIES, createProject, type Project } from './project.js'
import { freePort, serve, statusOf } from './serving.mjs'

const SCOPE = 'nav:helse/sykepenger/afp.read'
const BLOCKS = blocksOf('docs/five-minutes.md').filter(({ language }) => language === 'ts')

/** The compiler options from the tsconfig.json of the NestJS starter. */
const NEST_OPTIONS = [
  ...['--module', 'nodenext', '--target', 'es2023', '--strict', '--skipLibCheck', '--isolatedModules'],
  ...['--experimentalDecorators', '--emitDecoratorMetadata'],
]

/** By adapter, a function that writes a block of the guide to a project, and returns the file to start. */
const PROGRAMS: Readonly<Record<string, (project: Project, code: string, port: number) => string>> = {
  nestjs: (project, code) => {
    project.write('main.mts', code)
    project.run('npx', '--no-install', 'tsc', ...NEST_OPTIONS, 'main.mts')
    return 'main.mjs'
  },
  fetch: (project, code, port) => {
    project.write('route.mjs', code)
    const server = "import { serve } from '@hono/node-server'\nimport { GET } from './route.mjs'\n"
    return asModule(project, `${server}serve({ fetch: GET, port: ${port} })`)
  },
}

function asModule(project: Project, code: string): string {
  project.write('app.mjs', code)
  return 'app.mjs'
}

/** The code blocks of the guide that have a guard, with the adapter of each. */
const APPS = BLOCKS.flatMap(({ code }) => {
  const [, adapter = ''] = /@portvakt\/(\w+)'/.exec(code) ?? []
  const isGuarded = ADAPTERS.some(({ name }) => name === adapter)
  return isGuarded ? [{ adapter, code, program: PROGRAMS[adapter] ?? asModule }] : []
})
const CALL = BLOCKS.find(({ code }) => code.includes('@portvakt/client'))?.code ?? ''

describe('docs/five-minutes.md', () => {
  let project: Project
  let stopMock = async () => {}
  /** Two tokens: one with the required scope, and one with another scope. */
  let tokens: readonly string[] = []
  beforeAll(async () => {
    project = createProject([...Object.values(inject('tarballs')), ...APP_DEPENDENCIES, 'typescript@5.9'])
    const mock = `http://127.0.0.1:${await freePort()}`
    process.env['PORTVAKT_MOCK_URL'] = mock
    const command = `npx --no-install portvakt serve --port ${new URL(mock).port}`
    stopMock = await serve(project.folder, command, mock)
    tokens = [SCOPE, 'nav:other.read'].map((scope) => {
      const wanted = ['--scope', scope, '--expires-in', '3600']
      return project.run('npx', '--no-install', '@portvakt/cli', 'token', ...wanted).trim()
    })
  })
  afterAll(async () => {
    await stopMock()
    project.remove()
  })

  const runMock = `npx --no-install portvakt run --expose ${SCOPE} -- node`
  it('docs/five-minutes.md has an application for each adapter', () => {
    expect(APPS.map(({ adapter }) => adapter)).toEqual(ADAPTERS.map(({ name }) => name))
  })

  it.each(APPS)(
    'the $adapter application of docs/five-minutes.md starts, allows a valid token, and refuses others',
    async ({ code, program }) => {
      const port = await freePort()
      const file = program(project, code.replace('8080', `${port}`), port)
      const url = `http://localhost:${port}/`
      const stop = await serve(project.folder, `${runMock} ${file}`, `${url}health`)
      try {
        // Health checks have no token. An application that is a single route handler does not serve them.
        expect(await statusOf(`${url}health`)).toBe(code.includes('health') ? 200 : 401)
        const statuses = []
        for (const token of [undefined, ...tokens]) statuses.push(await statusOf(`${url}vedtak`, token))
        expect(statuses).toEqual([401, 200, 403])
        project.write('call.mjs', CALL.replace('8080', `${port}`))
        expect(project.run('sh', '-c', `${runMock} call.mjs`)).toBe("200 { to: '314330897' }\n")
      } finally {
        await stop()
      }
    },
  )
})
