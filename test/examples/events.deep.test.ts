import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { createMockMaskinporten, createTestClock, type IssueTokenOptions } from '@portvakt/mock'
import { pino } from 'pino'
import { type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client'
import supertest from 'supertest'
import { afterAll, describe, expect, it, test } from 'vitest'
import { createApp } from '../../examples/events/src/app.js'
import { countDecisions, MAX_CONSUMERS } from '../../examples/events/src/decision-metrics.js'
import { createWatchedValidator } from '../../examples/events/src/watched-validator.js'
import { REASONS } from '../../packages/core/src/errors/reasons/reasons.js'
import { ALERTS, labelsOf, type Selector, selectorsIn } from './alert-rules.js'

const SCOPE = 'portvakt:vedtak.read'
/** A synthetic national identity number. */
const PERSON = '05848998356'

const clock = createTestClock()
const spans = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
const mock = await createMockMaskinporten({ clock })
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
afterAll(() => context.disable())

/** Creates a watched validator with its own log, metrics and network. */
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
    /** Within a new span, lets the validator decide on this token for a route that requires the scope. */
    call: (token: string) =>
      provider.getTracer('test').startActiveSpan('request', async (span) => {
        const decision = await validator.decide(`Bearer ${token}`, SCOPE)
        span.end()
        return decision
      }),
    callWith: async (options: IssueTokenOptions) =>
      world.call(await mock.issueToken({ scope: SCOPE, ...options })),
  }
  await validator.ready()
  await world.callWith({})
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

function outage(world: World, seconds: number): World {
  world.network.isDown = true
  clock.advance(seconds)
  return world
}

/** For each alert, causes the situation in which it fires. */
const SITUATIONS: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  MaskinportenKeysUnusable: async (world) => outage(world, 25 * 3600),
  MaskinportenKeysStale: (world) => outage(world, 2 * 3600).callWith({}),
  MaskinportenKeyFetchFailing: (world) => outage(world, 20 * 60).callWith({}),
  MaskinportenCallersTurnedAway: (world) => outage(world, 25 * 3600).callWith({}),
  MaskinportenWrongEnvironment: (world) => world.callWith({ issuer: 'https://maskinporten.no/' }),
  async MaskinportenClockWrong(world) {
    await world.callWith({ claims: { iat: clock.now() / 1000 + 60 } })
    await world.callWith({ claims: { nbf: clock.now() / 1000 + 60 } })
  },
  MaskinportenConsumerRefused: (world) => world.callWith({ scope: 'portvakt:other' }),
  MaskinportenForgedTokens: async (world) =>
    world.call(`${(await mock.issueToken({ scope: SCOPE })).slice(0, -8)}AAAAAAAA`),
  MaskinportenRouteWithoutGuard: (world) => world.validator.refuseUnguarded(),
}

describe('the alert rules', () => {
  test.each(ALERTS)('every metric in alert rule $alert changes when the alert should fire', async (alert) => {
    const world = await createWorld()
    const selectors = selectorsIn(alert)
    const atRest = await Promise.all(selectors.map((selector) => sampled(world, selector)))
    await SITUATIONS[alert.alert]?.(world)
    for (const [index, selector] of selectors.entries()) {
      const after = [...(await sampled(world, selector))]
      const changed = after.filter(([labels, value]) => atRest[index]?.get(labels) !== value)
      expect(changed, selector.metric).not.toEqual([])
    }
    expect(selectors).not.toEqual([])
  })

  it('a token with an unknown key does not raise the alert about the clock', async () => {
    const world = await createWorld()
    const stranger = await createMockMaskinporten({ issuer: mock.issuer, clock })
    for (const claims of [{ iat: clock.now() / 1000 + 60 }, { nbf: clock.now() / 1000 + 60 }]) {
      await world.call(await stranger.issueToken({ scope: SCOPE, header: { kid: 'unknown' }, claims }))
    }
    const rule = ALERTS.find(({ alert }) => alert === 'MaskinportenClockWrong') ?? expect.unreachable()
    for (const selector of selectorsIn(rule)) {
      const reasons = { ...selector, matchers: selector.matchers.filter(({ label }) => label !== 'verified') }
      expect([...(await sampled(world, reasons)).values()]).toEqual([1, 1])
      expect((await sampled(world, selector)).size).toBe(0)
    }
  })

  test.each(ALERTS)('alert rule $alert has an action, and uses only existing reasons and labels', (alert) => {
    const matchers = selectorsIn(alert).flatMap((selector) => selector.matchers)
    const reasons = matchers.flatMap(({ label, values }) => (label === 'reason' ? values : []))
    expect(Object.keys(REASONS)).toEqual(expect.arrayContaining(reasons))
    const shown = [...JSON.stringify(alert.annotations).matchAll(/\$labels\.(\w+)/g)]
    expect(labelsOf(alert)).toEqual(expect.arrayContaining(shown.map(([, label]) => label)))
    expect(alert.annotations['action']).toBeTruthy()
  })
})

it('log, metrics and spans contain neither tokens nor national identity numbers', async () => {
  const world = await createWorld()
  spans.reset()
  const validTo = new Date(clock.now() + 1e9)
  const consent = mock.addConsent({ from: PERSON, to: '314330897', resources: ['income'], validTo })
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

  const finished = spans
    .getFinishedSpans()
    .map(({ name, attributes, events }) => ({ name, attributes, events }))
  expect(finished.flatMap(({ events }) => events)).toHaveLength(9)
  expect(world.lines).toHaveLength(10)
  const everything = `${world.lines.join('')}${await world.registry.metrics()}${JSON.stringify(finished)}`
  expect(everything).not.toMatch(new RegExp(`${PERSON}|eyJ`))
  for (const part of tokens.flatMap((token) => token.split('.'))) expect(everything).not.toContain(part)
})

const REFUSED = { required_scope: SCOPE, scopes: 'portvakt:other', consumer: '314330897' }
const HINT = { cause: expect.any(String), fix: expect.any(String) }
const OTHERS = { supplier: '991825827', delegation_source: 'https://tt02.altinn.no/' }

it('the log has allowed requests with their callers, refusals with a hint, and outages with the failure', async () => {
  const world = await createWorld()
  await world.callWith({ supplier: '991825827' })
  await world.callWith({ scope: 'portvakt:other' })
  await outage(world, 25 * 3600).callWith({})
  expect(world.lines.slice(-3).map((line) => JSON.parse(line))).toMatchObject([
    { level: 30, msg: 'allowed', maskinporten: { allowed: true, consumer: '314330897', ...OTHERS } },
    { level: 40, msg: 'refused: insufficient_scope', maskinporten: { ...REFUSED, ...HINT } },
    { level: 50, msg: 'refused: keys_unavailable', maskinporten: { key_failure: 'unreachable' } },
  ])
})

it('the span of a request has the decision as an event', async () => {
  const world = await createWorld()
  spans.reset()
  await world.callWith({ scope: 'portvakt:other' })
  const attributes = { 'maskinporten.allowed': false, 'maskinporten.reason': 'insufficient_scope' }
  expect(spans.getFinishedSpans()[0]?.events).toMatchObject([{ name: 'maskinporten.decision', attributes }])
})

describe('the metrics', () => {
  it('the number of metric series stays bounded, however many consumers are refused', async () => {
    const registry = new Registry()
    const count = countDecisions(registry)
    const refuse = (number: number) => {
      const organisationNumber = String(900_000_000 + number)
      const id = `0192:${organisationNumber}`
      const consumer = { authority: 'iso6523-actorid-upis', id, organisationNumber }
      const refused = { allowed: false, code: 'access_denied', reason: 'pid_required' } as const
      count({ ...refused, verified: true, consumer, duration: 1 })
    }
    for (let number = 0; number < MAX_CONSUMERS + 50; number++) refuse(number)
    refuse(0)
    const metrics = await metricsOf({ registry })
    const { values = [] } = metrics.find(({ name }) => name === 'maskinporten_refused_consumers_total') ?? {}
    expect(values).toHaveLength(MAX_CONSUMERS + 1)
    expect(values.find(({ labels }) => labels['consumer'] === 'other')?.value).toBe(50)
    expect(values.find(({ labels }) => labels['consumer'] === '900000000')?.value).toBe(2)
  })

  it('the metrics do not contain the consumer of a forged token', async () => {
    const world = await createWorld()
    await SITUATIONS['MaskinportenForgedTokens']?.(world)
    expect(await world.registry.metrics()).not.toContain('consumer="314330897"')
  })

  it('/metrics requires no token, but /vedtak requires one', async () => {
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
