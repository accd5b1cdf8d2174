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
import { RequireMaskinportenScope } from '@portvakt/nestjs'
import { addMaskinportenSecurity } from '@portvakt/nestjs/openapi'
import { expect, it } from 'vitest'
import { type Document, expectValid, scopesIn } from '../../core/test/openapi/documents.js'
import {
  maskinportenModule,
  onExpress,
  onFastify,
  PLATFORMS,
  READ,
  requireRead,
  requireWrite,
  skip,
  start,
  WRITE,
} from './vedtak-api.js'

type StartOptions = NonNullable<Parameters<typeof start>[1]>

const appOf = (controllers: readonly Type[], options: StartOptions = {}) =>
  start(controllers, { isGlobal: true, ...options })
const vedtakApp = (configure?: StartOptions['configure']) =>
  appOf([VedtakController], configure && { configure })

const swaggerOf = (app: INestApplication, openapi = '3.1.0', options = {}) => {
  const config = { ...new DocumentBuilder().setTitle('Vedtak').build(), openapi }
  return SwaggerModule.createDocument(app, config, options)
}
const documentIn = (app: INestApplication, options = {}): Document =>
  addMaskinportenSecurity<object>(swaggerOf(app, '3.1.0', options), app) as Document

@Controller('vedtak')
@requireRead
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
  @skip
  health() {}

  notRouted() {}
}

@Controller('inherited')
class InheritedController extends VedtakController {}

@Controller({ path: 'per-request', scope: Scope.REQUEST })
class PerRequestController {
  @All()
  @requireRead
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

it.each(PLATFORMS)(
  'each operation on %s requires a token if and only if the OpenAPI document says so',
  async (_platform, adapter) => {
    const app = await appOf([VedtakController], { adapter })
    const scopes = scopesIn(documentIn(app))
    expect(scopes).toEqual(VEDTAK)
    const url = await app.getUrl()
    for (const [name, alternatives] of Object.entries(scopes)) {
      const [method = '', path = ''] = name.split(' ')
      const { status, headers } = await fetch(url + path.replace(/\{.*?\}/g, '1'), { method })
      expect(status, name).toBe(alternatives === undefined ? 200 : 401)
      expect(headers.has('www-authenticate'), name).toBe(alternatives !== undefined)
    }
  },
)

it('operations under a global prefix are secured, with and without ignoreGlobalPrefix', async () => {
  const exclude = [{ path: 'vedtak/public/health', method: RequestMethod.GET }]
  const app = await vedtakApp((one) => one.setGlobalPrefix('api', { exclude }))
  const { 'GET /api/vedtak/public/health': open, ...others } = prefixed('/api')
  expect(scopesIn(documentIn(app))).toEqual({ ...others, 'GET /vedtak/public/health': open })
  expect(scopesIn(documentIn(app, { ignoreGlobalPrefix: true }))).toEqual(VEDTAK)
})

it('operations with a version in their path are secured', async () => {
  const versioning = { type: VersioningType.URI, defaultVersion: '2' } as const
  const app = await vedtakApp((one) => one.enableVersioning(versioning))
  expect(scopesIn(documentIn(app))).toEqual(prefixed('/v2'))
})

it.each(['3.0.0', '3.1.0'])('the NestJS document is valid by the schema of OpenAPI %s', async (version) => {
  const app = await vedtakApp()
  const document = addMaskinportenSecurity(swaggerOf(app, version), app)
  // The validator reads JSON, and @nestjs/swagger returns an object with undefined members.
  await expectValid(JSON.parse(JSON.stringify(document)))
  expect(document.paths['/vedtak']?.post?.security).toEqual([
    { maskinporten: version === '3.0.0' ? [] : [READ, WRITE] },
  ])
})

it('the OpenAPI document keeps a handler’s description, and adds the scopes and consumers that the handler requires', async () => {
  const { paths } = documentIn(await vedtakApp())
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
  const app = await appOf([], { imports: [maskinportenModule, VedtakModule, router] })
  expect(scopesIn(documentIn(app))).toEqual(prefixed('/module'))
})

it.each([
  ...['files/*', 'files/v:major.:minor', 'files/:name'].map((path) => [path, onExpress] as const),
  ...['files/*', 'files/:name(^\\\\d+)', 'files/::name'].map((path) => [path, onFastify] as const),
])('an operation with the path %s is secured', async (path, adapter) => {
  @Controller()
  class FilesController {
    @Get(path)
    @requireRead
    get() {}
  }
  const document = documentIn(await appOf([FilesController], { adapter }))
  expect(Object.values(scopesIn(document))).toEqual([[[READ]]])
})

function versionedController(version: string, decorate: MethodDecorator): Type {
  @Controller('vedtak')
  class VersionedController {
    @Get()
    @Version(version)
    @decorate
    find() {}
  }
  return VersionedController
}

it('an operation has its requirement if the versions in a header share it, and else one that depends on the request', async () => {
  const operationOf = async (second: MethodDecorator) => {
    const controllers = [versionedController('1', requireRead), versionedController('2', second)]
    const versioning = { type: VersioningType.HEADER, header: 'X-Version' } as const
    const app = await appOf(controllers, { configure: (one) => one.enableVersioning(versioning) })
    return documentIn(app).paths['/vedtak']?.['get']
  }
  expect(await operationOf(RequireMaskinportenScope(READ))).toMatchObject({
    security: [{ maskinporten: [READ] }],
  })
  expect(await operationOf(requireWrite)).toMatchObject({
    security: [{ maskinporten: [] }],
    description: 'Requires a token from Maskinporten:\n\n- demands that depend on the request',
  })
})

it('addMaskinportenSecurity throws for an operation that no controller routes, but not for a webhook', async () => {
  const app = await vedtakApp()
  const operation = { responses: { '200': { description: 'OK' } } }
  const webhook = { openapi: '3.0.0', paths: { decided: { post: operation } } }
  expect(addMaskinportenSecurity(webhook, app)).toEqual(webhook)
  const document = { openapi: '3.0.0', paths: { '/elsewhere': { post: operation } } }
  expect(() => addMaskinportenSecurity(document, app)).toThrow(
    'No controller routes POST /elsewhere: add such operations after addMaskinportenSecurity',
  )
})

it('on NestJS, the descriptions name the validator’s audience if the option `audience` is given', async () => {
  const app = await vedtakApp()
  const secured = addMaskinportenSecurity(swaggerOf(app), app, { audience: 'https://api.example.no' })
  expect(secured.paths['/vedtak']?.get?.description).toContain('`aud` names https://api.example.no')
})
