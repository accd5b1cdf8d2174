import { naisEntriesOf } from '@portvakt/mock/internal'
import { expect, it, type TestContext } from 'vitest'
import { portvakt } from './cli.js'

/** The client’s variables. They must configure a client of Maskinporten’s test environment. */
const variables: Readonly<Record<string, string>> = Object.fromEntries(naisEntriesOf(process.env))
const [scope = ''] = (variables['MASKINPORTEN_SCOPES'] ?? '').split(' ')

const WITHOUT =
  'Not asked for. Set PORTVAKT_LIVE=1, and for a client of test.maskinporten.no MASKINPORTEN_CLIENT_ID, ' +
  'MASKINPORTEN_CLIENT_JWK, MASKINPORTEN_SCOPES and MASKINPORTEN_ISSUER or MASKINPORTEN_WELL_KNOWN_URL'

function unlessAskedFor(context: TestContext): void {
  context.skip(process.env['PORTVAKT_LIVE'] !== '1', WITHOUT)
  const { MASKINPORTEN_WELL_KNOWN_URL: metadata, MASKINPORTEN_ISSUER: issuer = metadata } = variables
  // Fails before a request is sent, unless the issuer is Maskinporten’s test environment.
  expect(new URL(issuer ?? '').origin).toBe('https://test.maskinporten.no')
}

it('`doctor` passes every step with the real test.maskinporten.no', async (context) => {
  unlessAskedFor(context)
  const { stdout } = await portvakt(['doctor', '--json'], variables)
  const { passed, steps } = JSON.parse(stdout)
  expect(steps.filter((step: { outcome: string }) => step.outcome === 'failed')).toEqual([])
  expect(passed).toBe(true)
  expect(steps.find((one: { step: string }) => one.step === 'scope')).toMatchObject({ outcome: 'passed' })
})

it('`explain` allows a token of the real test.maskinporten.no', async (context) => {
  unlessAskedFor(context)
  const { stdout: token } = await portvakt(['token', '--scope', scope], variables)
  const explained = await portvakt(
    ['explain', '--scope', scope, '--environment', 'test'],
    {},
    { input: token },
  )
  expect(explained).toMatchObject({ code: 0, stdout: expect.stringMatching(/^allowed/) })
})
