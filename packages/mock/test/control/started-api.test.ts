import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { curlLine } from '../../src/control/mint-form.js'
import { RunningMock } from '../../src/control/running-mock.js'
import { StartedApi } from '../../src/control/started-api.js'
import { startMockMaskinporten } from '../../src/index.js'

const mock = await startMockMaskinporten()
afterAll(() => mock.close())
afterEach(() => vi.unstubAllEnvs())

/** Mints a token with these form fields, and returns the address in the page's curl command. */
async function curled(
  url: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  const body = new URLSearchParams({ scope: 'nav:x', ...fields })
  const text = await (await fetch(`${url}portvakt/mint`, { method: 'POST', body })).text()
  return /<pre id="curl"[^>]*>curl -i (.*) -H &#39;Authorization: Bearer [\w.-]+&#39;</.exec(text)?.[1]
}

it('the page’s curl command calls the address that an app reported or the form submitted last', async () => {
  vi.stubEnv('PORT', undefined)
  await using mock = await startMockMaskinporten()
  const running = new RunningMock(mock.url)
  expect(await curled(mock.url)).toBe('http://localhost:3000/')
  await running.appStarted(8081)
  expect(await curled(mock.url)).toBe('http://localhost:8081/')
  expect(await curled(mock.url, { api: 'https://api.example.no/vedtak?a=1&b=2' })).toBe(
    '&#39;https://api.example.no/vedtak?a=1&amp;b=2&#39;',
  )
  expect(await curled(mock.url)).toBe('&#39;https://api.example.no/vedtak?a=1&amp;b=2&#39;')
  await running.appStarted(8082)
  expect(await curled(mock.url)).toBe('http://localhost:8082/')
  expect(await (await fetch(mock.url)).text()).toContain('name="api" value="http://localhost:8082/"')
})

it('if a mock runs in the app’s own process, its curl command calls the port in PORT', async () => {
  vi.stubEnv('PORT', '4321')
  await using own = await startMockMaskinporten()
  expect(await curled(own.url)).toBe('http://localhost:4321/')
})

it.each([undefined, '', '\\\\.\\pipe\\x'])('StartedApi ignores PORT=%j', (PORT) => {
  expect(new StartedApi({ PORT }).url).toBe('http://localhost:3000/')
})

it.each([null, '3000', 0, 65_536, 1.5])('appStarted rejects the port %j', async (port) => {
  const running = new RunningMock(mock.url)
  await expect(running.appStarted(port as number)).rejects.toThrow(/`port` must be a whole number/)
})

it('the curl command quotes a token and an address for the shell', () => {
  const line = curlLine("a'b", "http://localhost:3000/it's?$(x)")
  const expected = String.raw`curl -i 'http://localhost:3000/it'\''s?$(x)' -H 'Authorization: Bearer a'\''b'`
  expect(line).toBe(expected)
})
