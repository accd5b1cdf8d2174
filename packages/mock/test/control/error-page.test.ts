import { expect, it } from 'vitest'
import { createMockMaskinporten } from '../../src/index.js'

const mock = await createMockMaskinporten()

const CODES = ['011', '012', '100', '110', '120', '121', '122', '123', '124', '130']
it.each([...CODES, '200', '201', '250', '251', '301', '302', '303'])(
  'the page at error_uri explains MP-%s',
  async (number) => {
    const response = await mock.fetch(`${mock.issuer}errors/MP-${number}`)
    const text = await response.text()
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(text).toContain(`<h1>MP-${number}</h1>`)
    expect(text).toMatch(/<h2>What to do<\/h2>\n<p>[A-Z][^<]{20,}<\/p>/)
    expect(text).toMatch(/<pre>[^{<]+<\/pre>/)
  },
)

it.each(['MP-999', 'unknown_kid', 'toString', '__proto__', ''])(
  'the mock has no error page for the code %j',
  async (code) => {
    expect((await mock.fetch(`${mock.issuer}errors/${code}`)).status).toBe(404)
  },
)
