import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { DecisionEvent } from '@portvakt/express'
import { createMockMaskinporten, createTestClock, type MockMaskinporten } from '@portvakt/mock'
import { pino } from 'pino'
import { type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { createApp } from '../../examples/events/src/app.js'
import { countDecisions, MAX_CONSUMERS } from '../../examples/events/src/decision-metrics.js'
import { createWatchedValidator } from '../../examples/events/src/watched-validator.js'
import { REASONS } from '../../packages/core/src/errors/reasons/reasons.js'
import { ALERTS, labelsOf, type Selector, selectorsIn } from './alert-rules.js'

const SCOPE = 'portvakt:vedtak.read'
/** Synthetic. */
const PERSON = '05848998356'

const clock = createTestClock()
const spans = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
let mock: MockMaskinporten
beforeAll(async () => {
  mock = await createMockMaskinporten({ clock })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})
afterAll(() => context.disable())

/** A watched validator that has its keys, and everything it tells. */
async function createWorld() {
  const registry = new Registry()
  const lines: string[] = []
  const network = { isDown: false }
  const validator = createWatchedValidator(pino({}, { write: (line) => lines.push(line) }), registry, {
    issuer: mock.issuer,
    clock,
    fetch: (url, init) => (network.isDown ? Promise.reject(new Error('down')) : mock.fetch(url, init)),
  })
  const world = {
    registry,
    lines,
    network,
    validator,
    logged: () => lines.map((line) => JSON.parse(line)),
    /** A request to a route that needs the scope, within a span of its own. */
    call: (token: string) =>
      provider.getTracer('test').startActiveSpan('request', async (span) => {
        const decision = await validator.decide(`Bearer ${token}`, SCOPE)
        span.end()
        return decision
      }),
  }
  await validator.ready()
  await world.call(await mock.issueToken({ scope: SCOPE }))
  return world
}
type World = Awaited<ReturnType<typeof createWorld>>

const metricsOf = ({ registry }: { registry: Registry }) =>
  registry.getMetricsAsJSON() as Promise<MetricObjectWithValues<MetricValue<string>>[]>

async function sampled(world: World, { metric, matchers }: Selector): Promise<ReadonlyMap<string, number>> {
  const { values = [] } = (await metricsOf(world)).find(({ name }) => name === metric) ?? {}
  const matching = values.filter(({ labels }) =>
    matchers.every(({ label, values: wanted }) => wanted.includes(String(labels[label]))),
  )
  return new Map(matching.map(({ labels, value }) => [JSON.stringify(labels), value]))
}

/** What each alert is for. */
const SITUATIONS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  async MaskinportenKeysUnusable(world) {
    world.network.isDown = true
    clock.advance(25 * 3600)
  },
  async MaskinportenKeysStale(world) {
    world.network.isDown = true
    clock.advance(2 * 3600)
    await world.call(await mock.issueToken({ scope: SCOPE }))
  },
  async MaskinportenKeyFetchFailing(world) {
    world.network.isDown = true
    clock.advance(20 * 60)
    await world.call(await mock.issueToken({ scope: SCOPE }))
  },
  async MaskinportenCallersTurnedAway(world) {
    world.network.isDown = true
    clock.advance(25 * 3600)
    await world.call(await mock.issueToken({ scope: SCOPE }))
  },
  async MaskinportenWrongEnvironment(world) {
    await world.call(await mock.issueToken({ issuer: 'https://maskinporten.no/' }))
  },
  async MaskinportenClockWrong(world) {
    await world.call(await mock.issueToken({ scope: SCOPE, claims: { iat: clock.now() / 1000 + 60 } }))
    await world.call(await mock.issueToken({ scope: SCOPE, claims: { nbf: clock.now() / 1000 + 60 } }))
  },
  async MaskinportenConsumerRefused(world) {
    await world.call(await mock.issueToken({ scope: 'portvakt:other' }))
  },
  async MaskinportenForgedTokens(world) {
    await world.call(`${(await mock.issueToken({ scope: SCOPE })).slice(0, -8)}AAAAAAAA`)
  },
  async MaskinportenRouteWithoutGuard(world) {
    await world.validator.refuseUnguarded()
  },
}

describe('the rules', () => {
  it('have a situation each that is tried here', () => {
    expect(ALERTS.map(({ alert }) => alert)).toEqual(Object.keys(SITUATIONS))
  })

  test.each(ALERTS)(
    '$alert sees another value of every series it names when it is to fire',
    async (alert) => {
      const world = await createWorld()
      const selectors = selectorsIn(alert)
      const atRest = await Promise.all(selectors.map((selector) => sampled(world, selector)))
      await SITUATIONS[alert.alert]?.(world)
      for (const [index, selector] of selectors.entries()) {
        const before = atRest[index]
        const changed = [...(await sampled(world, selector))].filter(
          ([labels, value]) => before?.get(labels) !== value,
        )
        expect(changed, selector.metric).not.toEqual([])
      }
      expect(selectors).not.toEqual([])
    },
  )

  it('do not let an unsigned token raise the alert about the clock', async () => {
    const world = await createWorld()
    const stranger = await createMockMaskinporten({ issuer: mock.issuer, clock })
    for (const claims of [{ iat: clock.now() / 1000 + 60 }, { nbf: clock.now() / 1000 + 60 }]) {
      await world.call(await stranger.issueToken({ scope: SCOPE, header: { kid: 'unknown' }, claims }))
    }
    const { alert, ...rule } =
      ALERTS.find(({ alert: name }) => name === 'MaskinportenClockWrong') ?? expect.unreachable()
    for (const selector of selectorsIn({ alert, ...rule })) {
      const reasons = { ...selector, matchers: selector.matchers.filter(({ label }) => label !== 'verified') }
      expect([...(await sampled(world, reasons)).values()], alert).toEqual([1, 1])
      expect((await sampled(world, selector)).size, alert).toBe(0)
    }
  })

  test.each(ALERTS)('$alert names reasons that there are', (alert) => {
    const reasons = selectorsIn(alert).flatMap(({ matchers }) =>
      matchers.filter(({ label }) => label === 'reason').flatMap(({ values }) => values),
    )
    expect(Object.keys(REASONS)).toEqual(expect.arrayContaining(reasons))
  })

  test.each(ALERTS)('$alert keeps the labels that its texts show, and says what to do', async (alert) => {
    const { annotations, expr } = alert
    const shown = [...JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label)
    expect(labelsOf(alert)).toEqual(expect.arrayContaining(shown))
    expect(annotations['action'], expr).toBeTruthy()
  })
})

it('a token and a person are in no log line, no metric and no span', async () => {
  const world = await createWorld()
  spans.reset()
  const consent = mock.addConsent({
    from: PERSON,
    to: '314330897',
    resources: ['income'],
    validTo: new Date(clock.now() + 1e9),
  })
  const held = { pid: PERSON, authorizationDetails: [consent] }
  const tokens = await Promise.all([
    mock.issueToken({ ...held, scope: SCOPE }),
    mock.issueToken({ ...held, scope: 'portvakt:other' }),
    mock.issueToken({ ...held, scope: SCOPE, expiresIn: -60 }),
    mock.issueToken({ ...held, scope: SCOPE, claims: { consumer: PERSON } }),
    mock.issueToken({ ...held, scope: SCOPE, header: { kid: 'unknown' } }),
    mock.issueToken({ ...held, scope: SCOPE, issuer: PERSON }),
  ])
  for (const token of [...tokens, `${tokens[0]}A`, `${tokens[0]?.slice(0, -8)}AAAAAAAA`, `x${PERSON}`])
    await world.call(token)

  const told = spans.getFinishedSpans().map(({ name, attributes, events }) => ({ name, attributes, events }))
  expect(told.flatMap(({ events }) => events)).toHaveLength(9)
  expect(world.lines).toHaveLength(10)
  const everything = `${world.lines.join('')}${await world.registry.metrics()}${JSON.stringify(told)}`
  expect(everything).not.toContain(PERSON)
  expect(everything).not.toContain('eyJ')
  for (const part of tokens.flatMap((token) => token.split('.'))) expect(everything).not.toContain(part)
})

describe('a log line', () => {
  it('names who was let in, for whom, and by which delegation', async () => {
    const world = await createWorld()
    await world.call(await mock.issueToken({ scope: SCOPE, supplier: '991825827' }))
    expect(world.logged().at(-1)).toMatchObject({
      level: 30,
      msg: 'let in',
      maskinporten: {
        allowed: true,
        consumer: '314330897',
        supplier: '991825827',
        delegation_source: 'https://tt02.altinn.no/',
      },
    })
  })

  it('of a refusal warns, and says what to do', async () => {
    const world = await createWorld()
    await world.call(await mock.issueToken({ scope: 'portvakt:other' }))
    expect(world.logged().at(-1)).toMatchObject({
      level: 40,
      msg: 'refused: insufficient_scope',
      maskinporten: {
        required_scope: SCOPE,
        scopes: 'portvakt:other',
        consumer: '314330897',
        cause: expect.any(String),
        fix: expect.any(String),
      },
    })
  })

  it('of an outage is an error, and says what failed', async () => {
    const world = await createWorld()
    await SITUATIONS['MaskinportenCallersTurnedAway']?.(world)
    expect(world.logged().at(-1)).toMatchObject({
      level: 50,
      msg: 'refused: keys_unavailable',
      maskinporten: { key_failure: 'unreachable' },
    })
  })
})

it('the span of the request has the decision as an event', async () => {
  const world = await createWorld()
  spans.reset()
  await world.call(await mock.issueToken({ scope: 'portvakt:other' }))
  const [span] = spans.getFinishedSpans()
  expect(span?.events).toMatchObject([
    {
      name: 'maskinporten.decision',
      attributes: { 'maskinporten.allowed': false, 'maskinporten.reason': 'insufficient_scope' },
    },
  ])
})

describe('the metrics', () => {
  it('have a bounded number of series, however many consumers are refused', async () => {
    const registry = new Registry()
    const count = countDecisions(registry)
    const refuse = (number: number) => {
      const organisationNumber = String(900_000_000 + number)
      const consumer = {
        authority: 'iso6523-actorid-upis',
        id: `0192:${organisationNumber}`,
        organisationNumber,
      }
      const event: DecisionEvent = {
        allowed: false,
        verified: true,
        code: 'access_denied',
        reason: 'pid_required',
        consumer,
        duration: 1,
      }
      count(event)
    }
    for (let number = 0; number < MAX_CONSUMERS + 50; number++) refuse(number)
    refuse(0)
    const metrics = await metricsOf({ registry })
    const { values = [] } = metrics.find(({ name }) => name === 'maskinporten_refused_consumers_total') ?? {}
    expect(values).toHaveLength(MAX_CONSUMERS + 1)
    expect(values.find(({ labels }) => labels['consumer'] === 'other')?.value).toBe(50)
    expect(values.find(({ labels }) => labels['consumer'] === '900000000')?.value).toBe(2)
  })

  it('name no consumer of a token that is not genuine', async () => {
    const world = await createWorld()
    await SITUATIONS['MaskinportenForgedTokens']?.(world)
    expect(await world.registry.metrics()).not.toContain('consumer="314330897"')
  })

  it('are served to the platform, and the guarded route is not', async () => {
    const { validator, registry } = await createWorld()
    const app = createApp(validator, registry)
    await supertest(app).get('/vedtak').expect(401)
    const { text } = await supertest(app).get('/metrics').expect(200)
    expect(text).toContain(
      'maskinporten_decisions_total{code="missing_token",reason="no_credentials",verified="false"} 1',
    )
    expect(text).toContain('maskinporten_keys_usable 1')
  })
})

it('the example runs, and prints its log and its metrics', async () => {
  const main = fileURLToPath(new URL('../../examples/events/dist/main.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [main])
  expect(stdout.match(/"msg":"[^"]*"/g)).toEqual([
    '"msg":"let in"',
    '"msg":"refused: insufficient_scope"',
    '"msg":"refused: wrong_issuer"',
  ])
  expect(stdout).toContain('maskinporten_decisions_total{code="allowed",reason="allowed",verified="true"} 1')
})
