import { PassThrough } from 'node:stream'
import { createMaskinportenValidator, maskinporten, requireMaskinportenScope } from '@portvakt/fastify'
import { createMockMaskinporten, fakeVerifiedToken } from '@portvakt/mock'
import fastify from 'fastify'
import { pino } from 'pino'
import { describe, expect, it, test } from 'vitest'
import winston from 'winston'
import { READ } from '../conformance/api.js'
import { CONSENT, PID } from './forge.js'

const GIVER = '01010199999'
const CONTENT = {
  scope: READ,
  pid: PID,
  authorizationDetails: [{ ...CONSENT, id: 'consent-id', from: `urn:altinn:person:identifier-no:${GIVER}` }],
  claims: { secret_claim: 'a claim of its own' },
}

/** Expects consumer and scope in the output, but no personal data, consents or other claims. */
function expectSafe(text: string): void {
  expect(text).toContain('0192:314330897')
  expect(text).toContain(READ)
  expect(text).not.toMatch(new RegExp(`${PID}|${GIVER}|consent-id|secret_claim|a claim of its own`))
}

describe('a logged verified token', () => {
  const token = fakeVerifiedToken(CONTENT)

  it('a verified token has personal data, consents and claims as named members', () => {
    expect([token.pid, token.claims['secret_claim']]).toEqual([PID, 'a claim of its own'])
    expect(token.consents[0]?.from).toEqual({ type: 'person', pid: GIVER })
  })

  test.each<[string, (log: pino.Logger) => void]>([
    ['as the object', (log) => log.info(token)],
    ['as a member', (log) => log.info({ token, nested: { deep: { token } } }, 'called')],
    ['as spread members', (log) => log.info({ ...token }, 'called')],
    ['as an argument of the message', (log) => log.info('called by %j and %o', token, token)],
    ['as bindings of a child', (log) => log.child({ token }).info('called')],
  ])('pino writes no personal data of a verified token that is logged %s', (_title, write) => {
    const stream = new PassThrough()
    write(pino(stream))
    expectSafe(String(stream.read()))
  })

  test.each<[string, winston.Logform.Format]>([
    ['json', winston.format.json()],
    ['simple', winston.format.simple()],
    ['prettyPrint', winston.format.prettyPrint({ depth: 9 })],
    ['splat and json', winston.format.combine(winston.format.splat(), winston.format.json())],
  ])('with the format %s, winston writes no personal data of a verified token', (_title, format) => {
    for (const meta of [token, { token }, { ...token }]) {
      const stream = new PassThrough()
      const logger = winston.createLogger({ format, transports: [new winston.transports.Stream({ stream })] })
      logger.info('called', meta)
      expectSafe(String(stream.read()))
    }
  })
})

it('on a guarded route, Fastify’s logger writes no personal data of the token', async () => {
  const mock = await createMockMaskinporten()
  const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })
  const stream = new PassThrough()
  const app = fastify({ logger: { stream, level: 'info' } })
  await app.register(maskinporten, { validator })
  app.get('/', { onRequest: requireMaskinportenScope(READ) }, async (request) => {
    request.log.info(request.maskinporten)
    request.log.info({ token: request.maskinporten }, 'called')
    return { person: request.maskinporten?.pid }
  })
  const authorization = `Bearer ${await mock.issueToken(CONTENT)}`
  const answer = await app.inject({ url: '/', headers: { authorization } })
  expect(answer.json()).toEqual({ person: PID })
  expectSafe(String(stream.read()))
  await app.close()
})
