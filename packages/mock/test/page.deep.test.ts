import { existsSync } from 'node:fs'
import { BAD_TOKENS, startMockMaskinporten } from '@portvakt/mock'
import { decodeJwt } from 'jose'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const mock = await startMockMaskinporten({ scopes: [{ name: 'nav:x.read' }] })
afterAll(() => mock.close())

const PLACES = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`)
const BROWSER = [process.env['CHROMIUM'], ...PLACES].find((path) => path !== undefined && existsSync(path))

const send = (path: string, fields: Record<string, string>) =>
  fetch(`${mock.url}portvakt/${path}`, { method: 'POST', body: new URLSearchParams(fields) })

it('the page loads no other resources and runs no scripts', async () => {
  const response = await fetch(mock.url)
  const policy = /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/
  expect(response.headers.get('content-security-policy')).toMatch(policy)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.text()).not.toMatch(/<script|<link|<img|https?:\/\/(?!127\.0\.0\.1)/)
})

it('the page escapes the values of submitted fields', async () => {
  const evil = '"><script>alert(1)</script>'
  for (const [path, fields] of [
    ['mint', { scope: evil }],
    ['mint', { scope: 'nav:x.read', consumer: evil }],
    ['inspect', { token: evil, required: 'nav:x.read' }],
    ['inspect', { token: 'x', required: evil }],
  ] as const) {
    expect(await (await send(path, fields)).text()).not.toContain('<script')
  }
})

it('the page shows the error in a submitted form, and keeps the submitted values', async () => {
  const response = await send('mint', { scope: 'nav:x.read', consumer: '123' })
  const text = await response.text()
  expect(response.status).toBe(400)
  expect(text).toMatch(/role="alert">[^<]*organisation/)
  expect(text).toContain('value="123"')
  expect((await send('inspect', { token: 'x', required: 'read' })).status).toBe(400)
})

it('the page mints and explains every kind of token', async () => {
  for (const { name, onlyWith, reason } of BAD_TOKENS) {
    const minted = await (await send('mint', { scope: 'nav:x.read', kind: name })).text()
    const token = /<pre id="token"[^>]*>([^<]*)</.exec(minted)?.[1] ?? ''
    const explained = await send('inspect', { token, required: 'nav:x.read' })
    expect([name, explained.status]).toEqual([name, 200])
    if (onlyWith === undefined && reason !== 'empty_token')
      expect(await explained.text()).toContain('class="refused"')
  }
  expect((await send('mint', { scope: 'nav:x.read', kind: 'no-such' })).status).toBe(400)
})

it('the page lists each refused token request with its trace id and a link to its error code', async () => {
  const refuse = (body: URLSearchParams) => fetch(`${mock.url}token`, { method: 'POST', body })
  expect(await (await fetch(mock.url)).text()).toContain('None yet.')
  const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const answers = [new URLSearchParams(), new URLSearchParams({ grant_type, assertion: 'e30.e30.AAAA' })]
  const [first, second] = await Promise.all(answers.map(async (body) => (await refuse(body)).json()))
  const text = await (await fetch(mock.url)).text()
  for (const { error_uri: uri, error_description: description } of [first, second]) {
    const [, traceId = ''] = /\(trace_id: ([0-9a-f]{32})\)$/.exec(description) ?? []
    const { pathname } = new URL(uri)
    expect(text).toMatch(new RegExp(`400 <a href="${pathname}">MP-[0-9]{3}</a>, .*<code>${traceId}</code>`))
    expect((await fetch(uri)).status).toBe(200)
  }
  expect(first.error_uri).not.toBe(second.error_uri)
})

it('the page explains a token with the keys that the mock publishes at that moment', async () => {
  await mock.rotateKeys({ keepOld: false })
  const token = await mock.issueToken({ scope: 'nav:x.read' })
  const explained = await send('inspect', { token, required: 'nav:x.read' })
  expect(await explained.text()).toContain('id="verdict" class="allowed"')
})

if (BROWSER === undefined && process.env['PORTVAKT_REQUIRE_BROWSER'])
  throw new Error('PORTVAKT_REQUIRE_BROWSER is set, and there is no Chromium')

describe.skipIf(BROWSER === undefined)('the page in a browser (skipped without Chromium)', () => {
  let browser: Browser
  let page: Page
  const reported: string[] = []
  beforeAll(async () => {
    // Simulates DNS rebinding: the host name of a web page resolves to loopback.
    const args = ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1']
    browser = await chromium.launch({ ...(BROWSER && { executablePath: BROWSER }), args })
    page = await browser.newPage()
    page.on('console', (message) => reported.push(message.text()))
    page.on('pageerror', (error) => reported.push(String(error)))
  }, 60_000)
  afterAll(() => browser?.close())
  beforeEach(() => page.goto(mock.url))

  it('the page mints a token, and shows its claims and a curl command', async () => {
    await page.getByLabel('Scopes, separated by spaces').fill('nav:x.read nav:y')
    await page.getByLabel('Consumer, an organisation number').fill('889640782')
    await page.getByRole('button', { name: 'Mint' }).click()
    const token = (await page.locator('#token').textContent()) ?? ''
    expect(decodeJwt(token)).toMatchObject({ scope: 'nav:x.read nav:y', consumer: { ID: '0192:889640782' } })
    expect(await page.locator('#claims').textContent()).toContain('"scope": "nav:x.read nav:y"')
    expect(await page.locator('#curl').textContent()).toBe(
      `curl -i -H 'Authorization: Bearer ${token}' http://localhost:3000/`,
    )
  })

  it('the page explains a pasted token, check by check', async () => {
    const token = await mock.issueToken({ scope: 'nav:x.read' })
    await page.getByLabel('Token', { exact: true }).fill(token)
    await page.getByLabel('Required scopes').fill('nav:x.read')
    await page.getByRole('button', { name: 'Explain' }).click()
    expect(await page.locator('#verdict').textContent()).toBe('allowed')
    await page.getByLabel('Required scopes').fill('nav:x.write')
    await page.getByRole('button', { name: 'Explain' }).click()
    expect(await page.locator('#verdict').textContent()).toBe('refused: insufficient_scope')
    const scope = page.getByRole('listitem').filter({ has: page.getByText('scope', { exact: true }) })
    expect(await scope.textContent()).toContain('failed')
  })

  it('the page offers every kind of token, and explains the one that it minted', async () => {
    const kinds = await page.getByLabel('Kind').locator('option').all()
    expect(kinds.length).toBe(BAD_TOKENS.length + 1)
    await page.getByLabel('Kind').selectOption('expired')
    await page.getByRole('button', { name: 'Mint' }).click()
    expect(await page.getByLabel('Kind').inputValue()).toBe('expired')
    await page.getByRole('button', { name: 'Explain' }).click()
    expect(await page.locator('#verdict').textContent()).toBe('refused: expired')
  })

  it('the page can be used with only a keyboard, and outlines the focused field', async () => {
    await page.keyboard.press('Tab')
    await page.keyboard.type('nav:typed')
    const styleOf = () => getComputedStyle(document.activeElement ?? document.body).outlineStyle
    const outline = await page.evaluate(styleOf)
    expect(outline).toBe('solid')
    await page.keyboard.press('Enter')
    await page.locator('#claims').waitFor()
    expect(await page.locator('#claims').textContent()).toContain('nav:typed')
  })

  const COLOURED = 'h1 label input select button .passed .failed .refused .hint'.split(' ')
  it.each(['light', 'dark'] as const)(
    'the text of the page has a contrast of 7:1 in the %s scheme',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      await page.getByRole('button', { name: 'Mint' }).click()
      await page.getByLabel('Required scopes').fill('nav:other')
      await page.getByRole('button', { name: 'Explain' }).click()
      const coloursOf = (element: Element): [string, string] => [
        getComputedStyle(element).color,
        getComputedStyle(document.body).backgroundColor,
      ]
      for (const selector of COLOURED) {
        const colours = await page.locator(selector).first().evaluate(coloursOf)
        expect(contrast(...colours), selector).toBeGreaterThanOrEqual(7)
      }
    },
  )

  it('the mock refuses a page at another host name', async () => {
    const { port } = new URL(mock.url)
    const stranger = await browser.newPage()
    const response = await stranger.goto(`http://evil.example:${port}/portvakt/apps`)
    expect(response?.status()).toBe(403)
    expect(await response?.json()).toMatchObject({ error: 'access_denied' })
    await stranger.close()
  })

  it('the mock refuses to issue a token to a form on another site’s page', async () => {
    const stranger = await browser.newPage()
    await stranger.route('http://evil.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${mock.url}api/v1/token"><button>Win</button></form>`,
      }),
    )
    await stranger.goto('http://evil.example/')
    const [response] = await Promise.all([
      stranger.waitForResponse(/token$/),
      stranger.getByRole('button').click(),
    ])
    expect(response.status()).toBe(403)
    await stranger.close()
  })

  it('each field of the page has one label, and the browser reports no error', async () => {
    const fields = page.locator('input, select, textarea')
    for (const field of await fields.all()) {
      const id = await field.getAttribute('id')
      expect(await page.locator(`label[for="${id}"]`).count()).toBe(1)
    }
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(reported).toEqual([])
  })
})

/** WCAG 2.2, contrast ratio of two colours as `rgb(r, g, b)`. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
    const value = Number(part) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
