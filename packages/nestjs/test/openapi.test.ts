import {
  All,
  Controller,
  Get,
  type INestApplication,
  Module,
  Post,
  Put,
  RequestMethod,
  Scope,
  type Type,
  Version,
  VersioningType,
} from '@nestjs/common'
import { RouterModule } from '@nestjs/core'
import { ApiExcludeEndpoint, ApiOperation, DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
import { RequireMaskinportenScope, SkipMaskinporten } from '@portvakt/nestjs'
import { addMaskinportenSecurity } from '@portvakt/nestjs/openapi'
import { describe, expect, it } from 'vitest'
import { type Document, expectValid, scopesIn } from '../../core/test/openapi/documents.js'
import { maskinportenModule, onExpress, onFastify, PLATFORMS, READ, start, WRITE } from './vedtak-api.js'

const VARYING = 'Requires a token from Maskinporten:\n\n- demands that depend on the request'

const appOf = (controllers: readonly Type[], options: Parameters<typeof start>[1] = {}) =>
  start(controllers, { isGlobal: true, ...options })

const configOf = (openapi = '3.1.0') => ({ ...new DocumentBuilder().setTitle('Vedtak').build(), openapi })

const documentIn = (app: INestApplication, options = {}): Document => {
  const document = SwaggerModule.createDocument(app, configOf(), options)
  return addMaskinportenSecurity<object>(document, app) as Document
}

@Controller('vedtak')
@RequireMaskinportenScope(READ)
class VedtakController {
  @Get()
  find() {}

  @Get([':id', 'alias/:id/deeper'])
  @RequireMaskinportenScope({ scope: { anyOf: [READ, WRITE] } })
  get() {}

  @Post()
  @RequireMaskinportenScope({ scope: { allOf: [READ, WRITE] }, consumers: ['889640782'] })
  @ApiOperation({ summary: 'Decides.', description: 'Makes a decision.', operationId: 'decide' })
  decide() {}

  @Put(':id')
  @RequireMaskinportenScope(() => WRITE)
  replace() {}

  @Get('hidden')
  @ApiExcludeEndpoint()
  hidden() {}

  @Get('public/health')
  @SkipMaskinporten()
  health() {}

  notRouted() {}
}

@Controller('inherited')
class InheritedController extends VedtakController {}

@Controller({ path: 'per-request', scope: Scope.REQUEST })
class PerRequestController {
  @All()
  @RequireMaskinportenScope(READ)
  all() {}

  @Get('undecorated')
  undecorated() {}
}

const VEDTAK = {
  'GET /vedtak': [[READ]],
  'GET /vedtak/{id}': [[READ], [WRITE]],
  'GET /vedtak/alias/{id}/deeper': [[READ], [WRITE]],
  'POST /vedtak': [[READ, WRITE]],
  'PUT /vedtak/{id}': [[]],
  'GET /vedtak/public/health': undefined,
}
const prefixed = (prefix: string) =>
  Object.fromEntries(
    Object.entries(VEDTAK).map(([name, scopes]) => [name.replace('/vedtak', `${prefix}/vedtak`), scopes]),
  )

describe.each(PLATFORMS)('the document of an application on %s', (platform, adapter) => {
  const app = (configure?: (app: INestApplication) => unknown) =>
    appOf([VedtakController], { adapter, ...(configure && { configure }) })

  it(`every OpenAPI operation on ${platform} has the requirement of its handler`, async () => {
    expect(scopesIn(documentIn(await app()))).toEqual(VEDTAK)
  })

  it(`operations under a global prefix on ${platform} are secured, with and without ignoreGlobalPrefix`, async () => {
    const exclude = [{ path: 'vedtak/public/health', method: RequestMethod.GET }]
    const prefixing = await app((one) => one.setGlobalPrefix('api', { exclude }))
    expect(scopesIn(documentIn(prefixing))).toEqual({
      ...Object.fromEntries(Object.entries(prefixed('/api')).filter(([name]) => !name.endsWith('health'))),
      'GET /vedtak/public/health': undefined,
    })
    expect(scopesIn(documentIn(prefixing, { ignoreGlobalPrefix: true }))).toEqual(VEDTAK)
  })

  it(`operations with a version in their path on ${platform} are secured`, async () => {
    const versioned = await app((one) =>
      one.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
    )
    expect(scopesIn(documentIn(versioned))).toEqual(prefixed('/v2'))
  })

  it(`each operation on ${platform} requires a token if and only if the OpenAPI document says so`, async () => {
    const running = await app()
    const url = await running.getUrl()
    for (const [name, alternatives] of Object.entries(scopesIn(documentIn(running)))) {
      const [method = '', path = ''] = name.split(' ')
      const { status, headers } = await fetch(url + path.replace(/\{.*?\}/g, '1'), { method })
      expect(status, name).toBe(alternatives === undefined ? 200 : 401)
      expect(headers.has('www-authenticate'), name).toBe(alternatives !== undefined)
    }
  })
})

it.each(['3.0.0', '3.1.0'])('the NestJS document is valid by the schema of OpenAPI %s', async (version) => {
  const app = await appOf([VedtakController])
  const document = addMaskinportenSecurity(SwaggerModule.createDocument(app, configOf(version)), app)
  // The validator reads JSON, and @nestjs/swagger returns an object with undefined members.
  await expectValid(JSON.parse(JSON.stringify(document)))
  expect(document.paths['/vedtak']?.post?.security).toEqual([
    { maskinporten: version === '3.0.0' ? [] : [READ, WRITE] },
  ])
})

it('the OpenAPI document keeps a handler’s description, and adds the scopes and consumers that the handler requires', async () => {
  const { paths } = documentIn(await appOf([VedtakController]))
  expect(paths['/vedtak']?.['post']).toMatchObject({
    operationId: 'decide',
    summary: 'Decides.',
    description:
      'Makes a decision.\n\nRequires a token from Maskinporten:\n\n- scope: `nav:x.read and nav:x.write`\n' +
      '- consumers: a consumer from a list of 1 organisation numbers',
    responses: { '401': { $ref: '#/components/responses/MaskinportenUnauthorized' } },
  })
})

it('in the document, a subclass has its base class’s requirement, and a request-scoped controller has its own', async () => {
  const document = documentIn(await appOf([InheritedController, PerRequestController]))
  const scopes = scopesIn(document)
  expect(scopes).toMatchObject({ 'GET /inherited': [[READ]], 'POST /inherited': [[READ, WRITE]] })
  expect(scopes).toMatchObject({ 'GET /per-request': [[READ]], 'DELETE /per-request': [[READ]] })
  expect(scopes['GET /per-request/undecorated']).toBeUndefined()
})

it('operations under a path of RouterModule are secured', async () => {
  @Module({ controllers: [VedtakController] })
  class VedtakModule {}
  const router = RouterModule.register([{ path: 'module', module: VedtakModule }])
  expect(
    scopesIn(documentIn(await appOf([], { imports: [maskinportenModule, VedtakModule, router] }))),
  ).toEqual(prefixed('/module'))
})

it.each([
  ...['files/*', 'files/v:major.:minor', 'files/:name'].map((path) => [path, onExpress] as const),
  ...['files/*', 'files/:name(^\\\\d+)', 'files/::name'].map((path) => [path, onFastify] as const),
])('an operation with the path %s is secured', async (path, adapter) => {
  @Controller()
  class FilesController {
    @Get(path)
    @RequireMaskinportenScope(READ)
    get() {}
  }
  const document = documentIn(await appOf([FilesController], { adapter }))
  expect(Object.values(scopesIn(document))).toEqual([[[READ]]])
})

describe('versions in a header', () => {
  const versioned = (first: Type, second: Type) =>
    appOf([first, second], {
      configure: (app) => app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version' }),
    })

  function controllerOf(version: string, requirement: string): Type {
    @Controller('vedtak')
    class VersionedController {
      @Get()
      @Version(version)
      @RequireMaskinportenScope(requirement)
      find() {}
    }
    return VersionedController
  }

  it('an operation whose versions have equal requirements has that requirement', async () => {
    const app = await versioned(controllerOf('1', READ), controllerOf('2', READ))
    expect(scopesIn(documentIn(app))).toEqual({ 'GET /vedtak': [[READ]] })
  })

  it('an operation whose versions have different requirements has a requirement that depends on the request', async () => {
    const app = await versioned(controllerOf('1', READ), controllerOf('2', WRITE))
    expect(documentIn(app).paths['/vedtak']?.['get']).toMatchObject({
      security: [{ maskinporten: [] }],
      description: VARYING,
    })
  })
})

it('addMaskinportenSecurity throws for an operation that no controller routes, but not for a webhook', async () => {
  const app = await appOf([VedtakController])
  const operation = { responses: { '200': { description: 'OK' } } }
  const webhook = { openapi: '3.0.0', paths: { decided: { post: operation } } }
  expect(addMaskinportenSecurity(webhook, app)).toEqual(webhook)
  const document = { openapi: '3.0.0', paths: { '/elsewhere': { post: operation } } }
  expect(() => addMaskinportenSecurity(document, app)).toThrow(
    'No controller routes POST /elsewhere: add such operations after addMaskinportenSecurity',
  )
})

it('on NestJS, the descriptions name the validator’s audience if the option `audience` is given', async () => {
  const app = await appOf([VedtakController])
  const document = SwaggerModule.createDocument(app, configOf())
  const secured = addMaskinportenSecurity(document, app, { audience: 'https://api.example.no' })
  expect(secured.paths['/vedtak']?.get?.description).toContain('`aud` names https://api.example.no')
})
