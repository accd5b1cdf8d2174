import { type Clock, createMaskinportenValidator, MaskinportenError } from '@portvakt/core'
import { type Context, Hono } from 'hono'
import { BAD_TOKENS, type BadTokenName } from '../bad-tokens/bad-tokens.js'
import type { IssueTokenOptions } from '../maskinporten/access-token.js'
import { DEFAULT_CONSUMER, DEFAULT_SCOPE } from '../maskinporten/token-claims.js'
import type { MockMaskinporten } from '../mock-interface.js'
import { DEFAULT_LIFETIME } from '../registry/scope.js'
import { controlRoutes } from './control-routes.js'
import { type Fields, type PageResult, page, type TokenKind } from './page.js'
import { PAGE_HEADERS } from './page-document.js'
import { CONTROL_PATH } from './running-mock.js'

const KINDS: readonly TokenKind[] = [
  ['good', 'as Maskinporten would issue it'],
  ...BAD_TOKENS.map(({ name, meaning }): TokenKind => [name, meaning]),
]

const DEFAULTS = { consumer: DEFAULT_CONSUMER, expiresIn: String(DEFAULT_LIFETIME), kind: 'good' }

/**
 * The own routes of a served mock: the page at `/`, and the interface for commands below {@link CONTROL_PATH}.
 */
export function createControl(mock: MockMaskinporten, clock: Clock): Hono {
  return new Hono().route('/', pageRoutes(mock, clock)).route(CONTROL_PATH, controlRoutes(mock))
}

/** The routes of the page, which mints and explains tokens. The page has no scripts. */
function pageRoutes(mock: MockMaskinporten, clock: Clock): Hono {
  // The default client is granted every exposed scope.
  const exposed = () => words(mock.env['MASKINPORTEN_SCOPES'] ?? '')
  const likelyScope = () => exposed().find((name) => name !== DEFAULT_SCOPE) ?? DEFAULT_SCOPE
  const emptyMint = (): Fields => ({ scope: likelyScope(), ...DEFAULTS })

  const show = (context: Context, mint: Fields, inspect: Fields, result: PageResult) => {
    const { issuer, received } = mock
    const markup = page({ issuer, exposed: exposed(), kinds: KINDS, mint, inspect, result, received })
    return context.html(markup, result.error === undefined ? 200 : 400, PAGE_HEADERS)
  }

  async function mint(fields: Fields): Promise<PageResult> {
    const { kind = 'good' } = fields
    const options = optionsOf(fields)
    // `badToken` itself refuses an unknown kind.
    const bad = kind as BadTokenName
    const token = await (kind === 'good' ? mock.issueToken(options) : mock.badToken(bad, options))
    const [header = '', claims = ''] = token.split('.')
    const curl = `curl -i -H 'Authorization: Bearer ${token}' http://localhost:3000/`
    return { minted: { token, header: decoded(header), claims: decoded(claims), curl } }
  }

  async function inspect({ token = '', required = '', accepted = '' }: Fields): Promise<PageResult> {
    // Make a new validator each time, so that it uses the keys that are currently published.
    const validator = createMaskinportenValidator({ issuer: mock.issuer, jwks: mock.jwks(), clock })
    const scope = { allOf: words(required) }
    const audience = accepted.trim() === '' ? {} : { audience: words(accepted) }
    return { explanation: await validator.explain(token.trim(), { scope, ...audience }) }
  }

  return new Hono()
    .get('/', (context) => show(context, emptyMint(), { required: likelyScope() }, {}))
    .post('/portvakt/mint', async (context) => {
      const fields = await fieldsOf(context)
      const result = await mint(fields).catch(complaint)
      const inspected = { token: result.minted?.token ?? '', required: fields['scope'] ?? '' }
      return show(context, fields, inspected, result)
    })
    .post('/portvakt/inspect', async (context) => {
      const fields = await fieldsOf(context)
      return show(context, emptyMint(), fields, await inspect(fields).catch(complaint))
    })
}

async function fieldsOf(context: Context): Promise<Fields> {
  // A body that is not a form is treated as an empty form.
  const form = await context.req.formData().catch(() => new FormData())
  return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === 'string' ? value : '']))
}

function optionsOf(fields: Fields): IssueTokenOptions {
  const names = ['consumer', 'supplier', 'audience', 'pid'] as const
  const given = names.map((name) => [name, fields[name]?.trim() ?? '']).filter(([, text]) => text !== '')
  const { scope = '', expiresIn = '' } = fields
  const lifetime = expiresIn.trim() === '' ? {} : { expiresIn: Number(expiresIn) }
  return { scope: words(scope), ...Object.fromEntries(given), ...lifetime }
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

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter(Boolean)
}

/** Shows errors about the content of a form. Rethrows all other errors, because they are bugs. */
function complaint(error: unknown): PageResult {
  if (error instanceof TypeError || error instanceof MaskinportenError) return { error: error.message }
  throw error
}
