import { expect, it } from 'vitest'
import { KNOWN_REFUSALS } from '../../../client/src/known-refusals.js'
import { createMockMaskinporten } from '../../src/index.js'

const mock = await createMockMaskinporten()

const codes = KNOWN_REFUSALS.flatMap(({ code }) => code ?? [])
it.each(codes)('the page at error_uri explains %s', async (code) => {
  const response = await mock.fetch(`${mock.issuer}errors/${code}`)
  const text = await response.text()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(text).toContain(`<h1>${code}</h1>`)
  expect(text).toMatch(/<h2>What to do<\/h2>\n<p>[A-Z][^<]{20,}<\/p>/)
  expect(text).toMatch(/<pre>[^{<]+<\/pre>/)
})

it.each(['MP-999', 'unknown_kid', 'toString', ''])('the code %j has no error page', async (code) => {
  expect((await mock.fetch(`${mock.issuer}errors/${code}`)).status).toBe(404)
})
