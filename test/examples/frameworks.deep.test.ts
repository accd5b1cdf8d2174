import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { startExample } from './examples.js'

describe.each(ADAPTERS)('the $name example', ({ name }) => {
  let example: ReturnType<typeof startExample>
  let url = ''
  const tokens = new Map<string, string>()

  beforeAll(async () => {
    example = startExample(name)
    for await (const line of example.lines) {
      url = /^API (\S+)$/.exec(line)?.[1] ?? url
      const [, method, authorization] = /^curl .*-X (\w+) -H 'Authorization: ([^']+)'/.exec(line) ?? []
      if (method && authorization) tokens.set(method, authorization)
      if (tokens.size === 2) break
    }
  })
  afterAll(() => example.stop())

  const call = (method: string, path: string, authorization?: string) =>
    fetch(url + path, { method, ...(authorization && { headers: { authorization } }) })

  it(`the ${name} example answers health checks without a token`, async () => {
    expect(await (await call('GET', '/health')).json()).toEqual({ ok: true })
  })

  it.each(['GET', 'POST'])(`the ${name} example allows the %s call that it prints`, async (method) => {
    const answer = await call(method, '/vedtak', tokens.get(method))
    expect(answer.ok).toBe(true)
    expect(await answer.json()).toEqual({ consumer: '314330897' })
  })

  it(`the ${name} example refuses a call without a token, and one without the scope`, async () => {
    expect((await call('GET', '/vedtak')).status).toBe(401)
    const answer = await call('POST', '/vedtak', tokens.get('GET'))
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toContain('scope="portvakt:vedtak.write"')
  })
})
