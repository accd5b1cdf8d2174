import { afterEach, describe, expect, it, test, vi } from 'vitest'
import { environmentVariables } from '../src/process-env.js'
import { PROXY_ADVICE, proxyIsUnused } from '../src/proxy.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const NODE = { node: '22.12.0' }
const PROXY = { HTTPS_PROXY: 'http://webproxy.example:8088' }
const KEYS = 'https://maskinporten.no/jwk'

/** Whether a proxy would be passed by in such a process. */
function inProcess(versions: object | undefined, env: object, url = KEYS): boolean {
  vi.stubGlobal('process', { versions, env })
  const isUnused = proxyIsUnused(url)
  vi.unstubAllGlobals()
  return isUnused
}

describe('a proxy that is set', () => {
  it('is passed by on Node, whichever way the variable is spelt', () => {
    expect(inProcess(NODE, PROXY)).toBe(true)
    expect(inProcess(NODE, { https_proxy: PROXY.HTTPS_PROXY })).toBe(true)
  })

  it('is used by Node that was told to', () => {
    expect(inProcess(NODE, { ...PROXY, NODE_USE_ENV_PROXY: '1' })).toBe(false)
    expect(inProcess(NODE, { ...PROXY, NODE_USE_ENV_PROXY: '0' })).toBe(true)
  })

  test.each<[string, object | undefined]>([
    ['Bun', { ...NODE, bun: '1.3.0' }],
    ['Deno', { ...NODE, deno: '2.5.0' }],
    ['a platform that is not Node', {}],
    ['a platform that does not say', undefined],
  ])('is the platform’s own business on %s', (_title, versions) => {
    expect(inProcess(versions, PROXY)).toBe(false)
  })

  it('is not for what is not https', () => {
    expect(inProcess(NODE, PROXY, 'http://127.0.0.1:8080/jwk')).toBe(false)
  })
})

it('no proxy is passed by where none is set, or there is no process', () => {
  expect(inProcess(NODE, {})).toBe(false)
  expect(inProcess(NODE, { HTTPS_PROXY: '' })).toBe(false)
  vi.stubGlobal('process', undefined)
  expect(proxyIsUnused(KEYS)).toBe(false)
})

it('the advice names the variable that is not used, and both ways to use it', () => {
  expect(PROXY_ADVICE).toMatch(/^HTTPS_PROXY is set but not used: .*NODE_USE_ENV_PROXY=1.*EnvHttpProxyAgent$/)
})

describe('the environment variables', () => {
  it('are those of the process', () => {
    vi.stubGlobal('process', { env: { A: 'b' } })
    expect(environmentVariables()).toEqual({ A: 'b' })
  })

  test.each<[string, object | undefined]>([
    ['there is no process', undefined],
    ['a process has none', {}],
    [
      'the platform does not allow it',
      {
        get env(): never {
          throw new Error('NotCapable')
        },
      },
    ],
  ])('are none where %s', (_title, host) => {
    vi.stubGlobal('process', host)
    expect(environmentVariables()).toEqual({})
  })
})
