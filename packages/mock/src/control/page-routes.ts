import { type Clock, createMaskinportenValidator, MaskinportenError } from '@portvakt/core'
import { type Context, Hono } from 'hono'
import { BAD_TOKENS, type BadTokenName } from '../bad-tokens/bad-tokens.js'
import { DEFAULT_CONSUMER, DEFAULT_SCOPE } from '../maskinporten/token-claims.js'
import type { MockMaskinporten } from '../mock-interface.js'
import { DEFAULT_LIFETIME } from '../registry/scope.js'
import { controlRoutes } from './control-routes.js'
import { curlLine, mintErrors, mintOptions, NO_SCOPE } from './mint-form.js'
import { type PageResult, page, type TokenKind } from './page.js'
import { SCRIPTED_PAGE_HEADERS } from './page-document.js'
import { type Fields, words } from './page-fields.js'
import { CONTROL_PATH } from './running-mock.js'
import { StartedApi } from './started-api.js'

const KINDS: readonly TokenKind[] = [
  ['good', 'as Maskinporten would issue it'],
  ...BAD_TOKENS.map(({ name, meaning }): TokenKind => [name, meaning]),
]

const DEFAULTS = { consumer: DEFAULT_CONSUMER, expiresIn: String(DEFAULT_LIFETIME), kind: 'good' }

const MINT = '/portvakt/mint'
const INSPECT = '/portvakt/inspect'

/**
 * The routes that only a served mock has: the page at `/` and, below {@link CONTROL_PATH}, the interface for
 * `portvakt` commands.
 */
export function createControl(mock: MockMaskinporten, clock: Clock): Hono {
  const api = new StartedApi(process.env)
  return new Hono().route('/', pageRoutes(mock, clock, api)).route(CONTROL_PATH, controlRoutes(mock, api))
}

/** The routes of the page, which mints and explains tokens and lists requests. */
function pageRoutes(mock: MockMaskinporten, clock: Clock, api: StartedApi): Hono {
  // Every exposed scope is registered on the default client.
  const exposed = () => words(mock.env['MASKINPORTEN_SCOPES'] ?? '')
  const likelyScope = () => exposed().find((name) => name !== DEFAULT_SCOPE) ?? DEFAULT_SCOPE
  const emptyMint = (): Fields => ({ scope: likelyScope(), api: api.url, ...DEFAULTS })

  const show = (context: Context, mint: Fields, inspect: Fields, result: PageResult) => {
    const { issuer, received } = mock
    const isReloaded = context.req.query('requests') !== undefined
    const shown = { issuer, exposed: exposed(), kinds: KINDS, received, isReloaded, now: clock.now() }
    const isValid = result.mintErrors === undefined && result.inspectErrors === undefined
    return context.html(page({ ...shown, mint, inspect, result }), isValid ? 200 : 400, SCRIPTED_PAGE_HEADERS)
  }

  async function mint(fields: Fields): Promise<PageResult> {
    const errors = mintErrors(fields)
    if (errors) return { mintErrors: errors }
    if (fields['api']) api.submitted(fields['api'])
    const options = mintOptions(fields)
    const { kind } = fields
    const isGood = kind === 'good'
    // `mintErrors` has refused every unknown kind.
    const token = await (isGood ? mock.issueToken(options) : mock.badToken(kind as BadTokenName, options))
    const [header = '', claims = ''] = token.split('.')
    const curl = curlLine(token, api.url)
    return { minted: { token, header: decoded(header), claims: decoded(claims), curl } }
  }

  async function inspect({ token = '', required = '', accepted = '' }: Fields): Promise<PageResult> {
    const scopes = words(required)
    if (scopes.length === 0) return { inspectErrors: { required: NO_SCOPE } }
    // Make a new validator each time, so that it uses the keys that are currently published.
    const insecureHttp = mock.issuer.startsWith('http:')
    const options = { issuer: mock.issuer, insecureHttp, jwks: mock.jwks(), clock }
    const audience = accepted === '' ? {} : { audience: words(accepted) }
    let invalid = 'accepted'
    try {
      const validator = createMaskinportenValidator({ ...options, ...audience })
      invalid = 'required'
      return { explanation: await validator.explain(token, { scope: { allOf: scopes } }) }
    } catch (error) {
      // Any other error is a bug.
      if (!(error instanceof TypeError || error instanceof MaskinportenError)) throw error
      return { inspectErrors: { [invalid]: error.message } }
    }
  }

  return new Hono()
    .get('/', (context) => show(context, emptyMint(), { required: likelyScope() }, {}))
    .on('GET', [MINT, INSPECT], (context) => context.redirect('/'))
    .post(MINT, async (context) => {
      const names = ['scope', 'consumer', 'supplier', 'audience', 'pid', 'expiresIn', 'kind', 'api']
      const fields = { ...(await fieldsOf(context, names)) }
      fields['kind'] ||= 'good'
      const result = await mint(fields)
      const inspected = { token: result.minted?.token ?? '', required: fields['scope'] ?? '' }
      return show(context, { ...fields, api: fields['api'] || api.url }, inspected, result)
    })
    .post(INSPECT, async (context) => {
      const fields = await fieldsOf(context, ['token', 'required', 'accepted'])
      return show(context, emptyMint(), fields, await inspect(fields))
    })
}

/** Reads the named fields of a form. Joins several values of one field with spaces. */
async function fieldsOf(context: Context, names: readonly string[]): Promise<Fields> {
  // A body that is not a form is treated as an empty form.
  const form = await context.req.formData().catch(() => new FormData())
  const textOf = (name: string) => form.getAll(name).filter((value) => typeof value === 'string')
  return Object.fromEntries(names.map((name) => [name, textOf(name).join(' ').trim()]))
}

/**
 * Decodes a part of a token for display. The part of a bad token can be invalid JSON: it is then shown as text.
 */
function decoded(part: string): string {
  const text = Buffer.from(part, 'base64url').toString()
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
