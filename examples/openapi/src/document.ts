import type { AccessRule } from '@portvakt/core'

/**
 * The requirements of the routes. Each one is used in a route's guard and in the route's operation in the
 * OpenAPI document.
 */
export const READ = 'portvakt:vedtak.read'
export const WRITE = { scope: 'portvakt:vedtak.write', consumers: ['314330897'] } satisfies AccessRule

export const INFO = { title: 'Vedtak', version: '1.0.0' }

const ok = { '200': { description: 'The consumer.' } }

/** An OpenAPI document that is written by hand. Its operations do not repeat what the guards require. */
export const DOCUMENT = {
  openapi: '3.1.0',
  info: INFO,
  paths: {
    '/health': { get: { responses: { '200': { description: 'The API is alive.' } } } },
    '/vedtak': {
      get: { summary: 'Reads a decision.', responses: ok },
      post: { summary: 'Makes a decision.', responses: ok },
    },
  },
}
