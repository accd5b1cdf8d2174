import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type MockMaskinporten } from '@portvakt/mock'

export const SCOPE = 'portvakt:vedtak.read'
export const IDENTITY = ['consumer', 'supplier', 'scopes', 'client-id'].map(
  (name) => `x-maskinporten-${name}`,
)

export const mock = await createMockMaskinporten()
export const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

export const authorization = async (options: Parameters<MockMaskinporten['issueToken']>[0]) =>
  ['Authorization', `Bearer ${await mock.issueToken(options)}`] as const

/** The header of an allowed caller. */
export const bearer = await authorization({ scope: SCOPE, consumer: '889640782' })
