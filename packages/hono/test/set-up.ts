import { createMaskinportenValidator } from '@portvakt/hono'
import { createMockMaskinporten } from '@portvakt/mock'

export const READ = 'nav:x.read'

export const mock = await createMockMaskinporten()
export const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

/** The headers of a request with a token. */
export const headersWith = async (options: object = {}) => ({
  authorization: `Bearer ${await mock.issueToken({ scope: READ, ...options })}`,
})
