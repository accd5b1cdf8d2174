import * as viaFetch from '@portvakt/fetch'
import * as viaNest from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import { UNCALLED } from './hosts.js'
import type { Untyped } from './uncalled.js'

test.each(UNCALLED)(
  'requireMaskinportenScope that is handed over uncalled says so on %s',
  async (_host, error) => {
    expect(await error()).toMatch(/^TypeError: .*call it: requireMaskinportenScope\(…\)$/)
  },
)

it('a fetch guard that got no handler says so', () => {
  const wrap = viaFetch.requireMaskinportenScope('nav:x.read', { validator: anyValidator() }) as Untyped
  expect(() => wrap(new Request('https://api.example.no'))).toThrow(
    'Pass the handler too: requireMaskinportenScope(requirement)(handler)',
  )
})

const anyValidator = () => viaFetch.createMaskinportenValidator({ environment: 'test' })

describe('a decorator without its call says so when the class is defined', () => {
  test.each<[string, unknown]>([
    ['@RequireMaskinportenScope(…)', viaNest.RequireMaskinportenScope],
    ['@SkipMaskinporten()', viaNest.SkipMaskinporten],
    ['@MaskinportenToken()', viaNest.MaskinportenToken],
  ])('%s', (call, decorator) => {
    class VedtakController {
      static all() {}
      find() {}
    }
    const decorate = decorator as Untyped
    const method = Object.getOwnPropertyDescriptor(VedtakController.prototype, 'find')
    for (const target of [[VedtakController], [VedtakController.prototype, 'find', method]]) {
      expect(() => decorate(...target)).toThrow(`call it: ${call}`)
    }
    expect(() => decorate(VedtakController.prototype, 'find', 0)).toThrow(`call it: ${call}`)
    expect(() => decorate(VedtakController, 'all', method)).toThrow(`call it: ${call}`)
  })
})
