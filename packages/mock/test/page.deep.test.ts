import { BAD_TOKENS, createTestClock, startMockMaskinporten } from '@portvakt/mock'
import { afterAll, expect, it } from 'vitest'

const clock = createTestClock(Date.UTC(2026, 0, 1))
const mock = await startMockMaskinporten({ clock, scopes: [{ name: 'nav:x.read' }, { name: 'nav:y' }] })
afterAll(() => mock.close())

type FormFields = Readonly<Record<string, string>> | string
const send = (path: string, fields: FormFields) =>
  fetch(`${mock.url}${path}`, { method: 'POST', body: new URLSearchParams(fields) })
const mint = async (fields: FormFields) => (await send('portvakt/mint', fields)).text()
const inspect = (token: string, required: string) => send('portvakt/inspect', { token, required })
const pageAt = async (path = '') => (await fetch(`${mock.url}${path}`)).text()

it('the page loads no external resources, and its CSP allows only its own style and script, by hash', async () => {
  const response = await fetch(mock.url)
  const hash = "'sha256-[A-Za-z0-9+/]{43}='"
  const restricted = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
  const policy = `default-src 'none'; style-src ${hash}; ${restricted}`
  const exactly = new RegExp(`^${policy}; script-src ${hash}$`)
  expect(response.headers.get('content-security-policy')).toMatch(exactly)
  expect(response.headers.get('cache-control')).toBe('no-store')
  const text = await response.text()
  expect(text).not.toMatch(/<script [^>]|<link|<img|style="|https?:\/\/(?!127\.0\.0\.1|localhost:\d+\/)/)
  const explained = await fetch(`${mock.url}errors/MP-250`)
  expect(explained.headers.get('content-security-policy')).toMatch(new RegExp(`^${policy}$`))
})

it('the page lists the exposed scopes, and its forms contain the first scope', async () => {
  const text = await pageAt()
  expect(text).toMatch(/<input type="checkbox"[^>]* value="nav:x.read" checked> <code>nav:x.read<\/code>/)
  expect(text).toContain('<code>nav:y</code>')
  expect(text).toMatch(/name="required" value="nav:x.read" checked/)
})

const EVIL = '"><script>alert(1)</script>'
it.each([
  ['mint', 'scope consumer supplier audience pid expiresIn kind api'],
  ['inspect', 'token required accepted'],
])('the page escapes markup that the form %s submits in its fields %s', async (path, names) => {
  const good: Record<string, string> = { scope: 'nav:x.read', token: 'x', required: 'nav:x.read' }
  for (const name of names.split(' ')) {
    const text = await (await send(`portvakt/${path}`, { ...good, [name]: EVIL })).text()
    expect(text).toContain('<h1>A mock Maskinporten</h1>')
    expect(text).not.toContain('<script>alert')
  }
})

it.each([
  ['mint', 'scope', '', /Choose a scope/],
  ['mint', 'consumer', '123', /nine digits/],
  ['mint', 'pid', '1', /eleven digits/],
  ['mint', 'expiresIn', 'soon', /number of seconds/],
  ['mint', 'kind', 'no-such', /choose one from the list/],
  ['mint', 'api', 'javascript:alert(1)', /absolute URL/],
  ['inspect', 'required', '', /Choose a scope/],
  ['inspect', 'required', 'read', /full scope/],
  ['inspect', 'accepted', 'not-a-uri', /absolute URI/],
])(
  'in the form %s, the page shows an error at the field %s for the value %j, and keeps the value',
  async (path, name, value, error) => {
    const good = { scope: 'nav:x.read', kind: 'good', token: 'x', required: 'nav:x.read' }
    const response = await send(`portvakt/${path}`, { ...good, [name]: value })
    const text = await response.text()
    const id = `${path === 'inspect' ? 'inspect-' : ''}${name}`
    expect(response.status).toBe(400)
    expect(text).toMatch(
      new RegExp(`id="${id}" name="${name}" aria-invalid="true" aria-describedby="${id}-error" autofocus`),
    )
    expect(new RegExp(`<p class="error" id="${id}-error">([^<]*)<`).exec(text)?.[1]).toMatch(error)
    expect(text.match(/class="error"/g)).toHaveLength(1)
    if (name !== 'kind') expect(text).toContain(`value="${value}"`)
    expect(text).not.toContain('id="result"')
  },
)

it('the page shows every invalid field at once, and focuses the first', async () => {
  const text = await mint({ scope: 'nav:y', consumer: '1', pid: '2', expiresIn: 'x' })
  expect(text.match(/aria-invalid=/g)).toHaveLength(3)
  expect(text.match(/id="(\w+)"[^>]* autofocus/g)).toHaveLength(1)
  expect(text).toMatch(/id="consumer"[^>]* autofocus/)
})

it('the page mints and explains every kind of token', async () => {
  for (const { name, onlyWith, reason } of BAD_TOKENS) {
    const minted = await mint({ scope: 'nav:x.read', kind: name })
    const token = /<pre id="token"[^>]*>([^<]*)</.exec(minted)?.[1] ?? ''
    const explained = await inspect(token, 'nav:x.read')
    expect([name, explained.status]).toEqual([name, 200])
    expect(minted).toContain(`<option value="${name}" selected>`)
    if (onlyWith === undefined && reason !== 'empty_token')
      expect(await explained.text()).toContain('class="refused"')
  }
})

it('the page mints a token with the checked and the typed scopes, without duplicates', async () => {
  const text = await mint('scope=nav:y&scope=other:z++nav:y&scope=other:w')
  expect(text).toContain('&quot;scope&quot;: &quot;nav:y other:z other:w&quot;')
  expect(text).toMatch(/name="scope" value="nav:y" checked>/)
  expect(text).not.toMatch(/value="nav:x.read" checked>/)
  expect(text).toContain('id="scope" name="scope" value="other:z other:w"')
})

it('the page shows the times of a token in UTC, and relative to the mock’s clock', async () => {
  const issued = '<dt>Issued</dt><dd><time datetime="2026-01-01T00:00:00.000Z">2026-01-01 00:00:00 UTC</time>'
  const expires =
    '<dt>Expires</dt><dd><time datetime="2026-01-01T00:02:00.000Z">2026-01-01 00:02:00 UTC</time>'
  const minted = await mint({ scope: 'nav:y' })
  expect(minted).toContain(`${issued} (now)</dd>${expires} (in 2 minutes)</dd>`)
  const token = await mock.issueToken({ claims: { nbf: Date.UTC(2025, 11, 30) / 1000, exp: 'soon' } })
  const explained = await (await inspect(token, 'nav:y')).text()
  expect(explained).toMatch(
    /<dt>Valid from<\/dt><dd><time datetime="2025-12-30T00:00:00.000Z">[^<]*<\/time> \(2 days ago\)/,
  )
  expect(explained).toContain('<dt>Expires</dt><dd>not a time</dd>')
})

it('the page explains a token check by check, with the mock’s current keys', async () => {
  await mock.rotateKeys({ keepOld: false })
  const token = await mock.issueToken({ scope: 'nav:x.read' })
  const explained = async (required: string) => (await inspect(token, required)).text()
  expect(await explained('nav:x.read')).toContain('id="result" tabindex="-1" class="allowed">allowed<')
  const refused = await explained('nav:x.read nav:y')
  expect(refused).toContain('class="refused">refused: insufficient_scope<')
  expect(refused).toContain('<li><strong>scope</strong> <span class="failed">failed</span>')
})

it('the page lists the latest requests and their outcomes, and focuses the reloaded list', async () => {
  await using served = await startMockMaskinporten({ clock, scopes: [{ name: 'nav:x.read' }] })
  const ask = (path: string, fields?: Readonly<Record<string, string>>) =>
    fetch(`${served.url}${path}`, fields && { method: 'POST', body: new URLSearchParams(fields) })
  const items = async () =>
    [...(await (await ask('')).text()).matchAll(/<li>(.*?)<\/li>/g)].map(([, item = '']) => item)
  expect(await (await ask('')).text()).toContain('None yet.')
  const provider = { identity_provider: 'maskinporten' }
  const refusal = await (await ask('token', {})).json()
  await ask('jwk')
  await ask('no-such-path')
  await ask('api/v1/introspect', { ...provider, token: await served.issueToken() })
  await ask('api/v1/introspect', { ...provider, token: 'x' })
  await ask('api/v1/token', { ...provider, target: 'nav:x.read' })
  served.addFault('metadata', { status: 503 })
  await ask('.well-known/oauth-authorization-server')
  const listed = await items()
  const [, traceId] = /\(trace_id: ([0-9a-f]{32})\)$/.exec(refusal.error_description) ?? []
  const client = `client <code>${served.env['MASKINPORTEN_CLIENT_ID']}</code>`
  const code = '<a href="/errors/MP-011">MP-011</a>'
  const time = '<time datetime="2026-01-01T00:00:00.000Z">2026-01-01 00:00:00 UTC</time>'
  expect(listed).toEqual([
    `${time} <strong>Metadata</strong>: <span class="failed">503</span>, with a fault`,
    `${time} <strong>Token</strong>: <span class="passed">200</span>, ${client}`,
    `${time} <strong>Token from Texas</strong>: <span class="passed">200</span>`,
    `${time} <strong>Introspection by Texas</strong>: <span class="failed">200 inactive</span>`,
    `${time} <strong>Keys</strong>: <span class="passed">200</span>`,
    `${time} <strong>Introspection by Texas</strong>: <span class="passed">200 active</span>`,
    `${time} <strong>Keys</strong>: <span class="passed">200</span>`,
    `${time} <strong>Token</strong>: <span class="failed">400 ${code}</span>, trace id <code>${traceId}</code>`,
  ])
  for (let request = 0; request < 60; request++) await ask('jwk')
  expect(await items()).toHaveLength(50)
  const [reload] = /\?requests(?=">Reload)/.exec(await pageAt()) ?? []
  expect(await pageAt(reload)).toMatch(/<h2 id="requests-title" tabindex="-1" autofocus>Latest requests/)
})

it('the list of requests shows no token, assertion, pid, query or path that a caller sent', async () => {
  const pid = '01017012345'
  const token = await mock.issueToken({ scope: 'nav:y', pid })
  await send('token', { assertion: token })
  for (const given of [token, pid])
    await send('api/v1/introspect', { identity_provider: 'maskinporten', token: given })
  for (const path of [`${pid}/${token}`, `jwk?${token}`, `jwk?pid=${pid}`]) await fetch(`${mock.url}${path}`)
  for (const path of [pid, token]) await send(`texas/${path}/api/v1/introspect`, { token })
  const text = await pageAt()
  expect(text.match(/Introspection by Texas/g)?.length).toBeGreaterThanOrEqual(4)
  for (const secret of [pid, ...token.split('.')]) expect(text).not.toContain(secret)
})

it('a GET of a form’s address redirects to the page', async () => {
  for (const path of ['portvakt/mint', 'portvakt/inspect'])
    expect(await fetch(`${mock.url}${path}`)).toMatchObject({ status: 200, url: mock.url })
})
