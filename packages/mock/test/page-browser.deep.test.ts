import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startMockMaskinporten } from '@portvakt/mock'
import { decodeJwt } from 'jose'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const LONG = `nav:${'x'.repeat(120)}`
const scopes = ['nav:x.read', 'nav:y', LONG].map((name) => ({ name }))
const mock = await startMockMaskinporten({ scopes })
afterAll(() => mock.close())

/** A directory that is not in Git. The README shows a copy of one screenshot. */
const SCREENSHOTS = new URL('../../../reports/mock-page/', import.meta.url)

const PLACES = ['chromium', 'chromium-browser', 'google-chrome'].map((name) => `/usr/bin/${name}`)
const BROWSER = [process.env['CHROMIUM'], ...PLACES].find((path) => path !== undefined && existsSync(path))

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
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
    page = await context.newPage()
    page.on('console', (message) => reported.push(message.text()))
    page.on('pageerror', (error) => reported.push(String(error)))
  }, 60_000)
  afterAll(() => browser?.close())
  beforeEach(() => page.goto(mock.url))

  const mintForm = () => page.getByRole('region', { name: 'Mint a token' })
  const explainForm = () => page.getByRole('region', { name: 'Explain a token' })

  it('the page mints a token with the checked and the typed scopes, and copies the token and a curl command', async () => {
    await mintForm().getByLabel('nav:y').check()
    await mintForm().getByLabel('Other scopes, separated by spaces').fill('other:z')
    await page.getByLabel('Consumer, an organisation number').fill('889640782')
    await page.getByLabel('Address of your API, for curl').fill('http://localhost:8081/afp')
    await page.getByRole('button', { name: 'Mint' }).click()
    const token = (await page.locator('#token').textContent()) ?? ''
    const scope = 'nav:x.read nav:y other:z'
    expect(decodeJwt(token)).toMatchObject({ scope, consumer: { ID: '0192:889640782' } })
    expect(await page.locator('#claims').textContent()).toContain(`"scope": "${scope}"`)
    const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
    await page.getByRole('button', { name: 'Copy the token' }).click()
    await page.getByText('Copied', { exact: true }).waitFor()
    expect(await clipboard()).toBe(token)
    await page.getByRole('button', { name: 'Copy the command' }).click()
    await page.getByText('Copied', { exact: true }).nth(1).waitFor()
    const curl = `curl -i http://localhost:8081/afp -H 'Authorization: Bearer ${token}'`
    expect(await clipboard()).toBe(curl)
  })

  it('the page selects the token when the browser has no clipboard', async () => {
    await page.getByRole('button', { name: 'Mint' }).click()
    await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
    await page.getByRole('button', { name: 'Copy the token' }).click()
    await page.getByText('Selected: copy it with the keyboard').waitFor()
    const selected = await page.evaluate(() => String(getSelection()))
    expect(selected).toBe(await page.locator('#token').textContent())
  })

  it('the page can be used with only a keyboard, from the first scope to the copied token', async () => {
    const focused = () =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent)
    const outline = () =>
      page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)
    const tabTo = async (wanted: string) => {
      for (let presses = 0; (await focused()) !== wanted; presses++) {
        if (presses === 30) throw new Error(`Tab does not reach ${wanted}`)
        await page.keyboard.press('Tab')
      }
      expect([wanted, await outline()]).toEqual([wanted, 'solid'])
    }
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('scope-0')
    await page.keyboard.press('Space')
    await tabTo('scope')
    await page.keyboard.type('nav:typed')
    await page.keyboard.press('Enter')
    await page.locator('#result').waitFor()
    expect(await focused()).toBe('result')
    expect(await page.locator('#claims').textContent()).toContain('"scope": "nav:typed"')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('token')
    await tabTo('Copy the token')
    await page.keyboard.press('Enter')
    await page.getByText('Copied', { exact: true }).waitFor()
  })

  /** Waits until an element is wholly inside the window. The page can still be scrolling to the element. */
  async function isShown(selector: string): Promise<void> {
    const { height, width } = page.viewportSize() ?? { height: 0, width: 0 }
    const outside = async () => {
      const box = (await page.locator(selector).boundingBox()) ?? { x: -1, y: -1, width: 0, height: 0 }
      const end = { x: box.x + box.width, y: box.y + box.height }
      return box.x >= 0 && box.y >= 0 && end.x <= width && end.y <= height ? undefined : { start: box, end }
    }
    await expect.poll(outside, { message: selector }).toBeUndefined()
  }

  const LOOKS = [375, 1024].flatMap((width) =>
    (['light', 'dark'] as const).map((scheme) => [width, scheme] as const),
  )
  it.each(LOOKS)(
    'at a width of %i px in the %s scheme, the page does not overflow and its result is in view',
    async (width, colorScheme) => {
      await page.setViewportSize({ width, height: 720 })
      await page.emulateMedia({ colorScheme })
      await fetch(`${mock.url}token`, { method: 'POST' })
      /** Checks that nothing is wider than the window, and takes a screenshot. */
      const look = async (name: string, fullPage = false) => {
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
        expect([name, overflow]).toEqual([name, 0])
        const path = fileURLToPath(new URL(`${name}-${width}-${colorScheme}.png`, SCREENSHOTS))
        await page.screenshot({ path, fullPage })
      }
      await page.getByRole('button', { name: 'Mint' }).click()
      for (const selector of ['#result', '#token']) await isShown(selector)
      await look('minted')
      await page.getByLabel('Kind').selectOption('alg-none')
      await page.getByLabel('Person, eleven digits').fill('1')
      await page.getByRole('button', { name: 'Mint' }).click()
      await expect.poll(() => page.locator(':focus').getAttribute('id')).toBe('pid')
      await isShown('#pid-error')
      await look('invalid')
      await page.getByLabel('Token', { exact: true }).fill(await mock.badToken('expired'))
      await page.getByRole('button', { name: 'Explain' }).click()
      await isShown('#result')
      await look('page', true)
      await page.setViewportSize({ width: 1280, height: 720 })
    },
  )

  const COLOURED = 'h1 a label legend dt input select button .passed .failed .refused .hint'.split(' ')
  it.each(['light', 'dark'] as const)(
    'the text of the page has a contrast of 7:1 in the %s scheme',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme })
      await page.getByRole('button', { name: 'Mint' }).click()
      await explainForm().getByLabel('Other scopes, separated by spaces').fill('nav:other')
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

  it('the mock refuses a browser’s request for a foreign host name (DNS rebinding), and a foreign form', async () => {
    const { port } = new URL(mock.url)
    const stranger = await browser.newPage()
    const response = await stranger.goto(`http://evil.example:${port}/portvakt/apps`)
    expect(response?.status()).toBe(403)
    expect(await response?.json()).toMatchObject({ error: 'access_denied' })
    const body = `<form method="post" action="${mock.url}api/v1/token"><button>Win</button></form>`
    await stranger.route('http://evil.example/', (route) => route.fulfill({ contentType: 'text/html', body }))
    await stranger.goto('http://evil.example/')
    const posted = stranger.waitForResponse(/token$/)
    await stranger.getByRole('button').click()
    expect((await posted).status()).toBe(403)
    await stranger.close()
  })

  it('each field of the page has one label, and the browser reports no error', async () => {
    const fields = page.locator('input, select, textarea')
    for (const field of await fields.all()) {
      const id = await field.getAttribute('id')
      expect([id, await page.locator(`label[for="${id}"]`).count()]).toEqual([id, 1])
    }
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    // The browser also reports the 400 that answers an invalid form.
    expect(reported.filter((text) => !text.includes('status of 400'))).toEqual([])
  })
})

/** Returns the contrast ratio (WCAG 2.2) of two colours, each given as `rgb(r, g, b)`. */
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
