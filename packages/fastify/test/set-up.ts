import { createMaskinportenValidator } from '@portvakt/fastify'
import { createMockMaskinporten } from '@portvakt/mock'

export const READ = 'nav:x.read'
export const WRITE = 'nav:x.write'

export const mock = await createMockMaskinporten()
export const validator = createMaskinportenValidator({ issuer: mock.issuer, fetch: mock.fetch })

/** The headers of a request with a token. */
export const headersWith = async (options: object = {}) => ({
  authorization: `Bearer ${await mock.issueToken({ scope: READ, ...options })}`,
})

export const ok = async () => 'ok'

/** Options with which Fastify logs its warnings and errors to `lines`. */
export const loggingTo = (lines: string[]) => ({
  logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } },
})
