import { createMaskinportenValidator } from '@portvakt/core'
import { createMockMaskinporten, type IssueTokenOptions } from '@portvakt/mock'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'

export const mock = await createMockMaskinporten()
export const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

/** The headers of a request with a token. */
export const headersWith = async (options: IssueTokenOptions = {}) => ({
  authorization: `Bearer ${await mock.issueToken({ scope: READ, ...options })}`,
})
