import { createMaskinportenClient } from '@portvakt/client'
import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten } from '@portvakt/mock'
import { expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { blocksOf, TEXTS } from './blocks.js'

const YAML = TEXTS.flatMap(blocksOf).filter(({ language }) => language === 'yaml')
/** The YAML blocks that are manifests. Other blocks configure other software. */
const PAGES = YAML.filter(({ code }) => /^kind:/m.test(code))
/** The lines that the guide adds to the provider's manifest for clusters on-premises. */
const ON_PREMISES = YAML.find(({ code }) => code.includes('webproxy:'))?.code ?? ''
/** All manifests except those on the Norwegian page, which repeats the provider's manifest. */
const MANIFESTS = PAGES.filter(({ file }) => !file.startsWith('docs/no/')).map(({ code }) => code)
const SCOPE = 'nav:helse/sykepenger/afp.read'

it('the manifests in the guides can be provisioned, and the provider accepts the consumer’s token', async () => {
  const mock = await createMockMaskinporten({ scopes: [] })
  expect(MANIFESTS.length).toBeGreaterThanOrEqual(2)
  // A manifest does not name the organisation that owns the app. Here, the consuming app belongs to a
  // different organisation.
  const consumes = (yaml: string) => parse(yaml).spec.maskinporten.scopes.consumes !== undefined
  const apps = await mock.provision(
    MANIFESTS.map((yaml) => ({ yaml, ...(consumes(yaml) && { organisationNumber: '310385980' }) })),
  )
  const { env } = apps.find((app) => app.name === 'afp-caller') ?? expect.unreachable()
  const { MASKINPORTEN_CLIENT_ID: clientId = '', MASKINPORTEN_CLIENT_JWK: jwk = '' } = env
  const { issuer, fetch } = mock
  const client = createMaskinportenClient({ issuer, clientId, key: { jwk }, fetch })
  const { accessToken } = await client.getToken({ scope: SCOPE })
  const token = await createMaskinportenValidator({ issuer, fetch }).verify(accessToken, SCOPE)
  expect(token.consumer.organisationNumber).toBe('310385980')
})

it('the provider’s manifest with the guide’s lines for on-premises clusters can be provisioned', async () => {
  const mock = await createMockMaskinporten({ scopes: [] })
  const provider = parse(MANIFESTS.find((yaml) => yaml.includes('exposes:')) ?? '')
  const yaml = stringify({ ...provider, spec: { ...provider.spec, ...parse(ON_PREMISES).spec } })
  expect(yaml).toMatch(/webproxy: true\n +env:\n/)
  const [app] = await mock.provision([{ yaml }])
  expect(app?.exposes).toEqual([SCOPE])
})

it('the manifest on the Norwegian page exposes the scope that the code of the page requires', async () => {
  const mock = await createMockMaskinporten({ scopes: [] })
  const pages = PAGES.filter(({ file }) => file.startsWith('docs/no/'))
  expect(pages).toHaveLength(1)
  const [app] = await mock.provision(pages.map(({ code }) => ({ yaml: code })))
  expect(app?.exposes).toEqual([SCOPE])
  const codes = blocksOf('docs/no/README.md').filter(({ language }) => language === 'ts')
  expect(codes.map(({ code }) => code).join()).toContain(`'${SCOPE}'`)
})
