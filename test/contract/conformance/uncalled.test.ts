import * as viaFetch from '@portvakt/fetch'
import * as viaNest from '@portvakt/nestjs'
import { describe, expect, it, test } from 'vitest'
import { UNCALLED } from './hosts.js'
import type { Untyped } from './uncalled.js'

test.each(UNCALLED)(
  'on %s, passing requireMaskinportenScope without calling it fails with an error that names the mistake',
  async (_host, error) => {
    expect(await error()).toMatch(/^TypeError: .*call it: requireMaskinportenScope\(…\)$/)
  },
)

it('creating a fetch guard without a handler throws', () => {
  const wrap = viaFetch.requireMaskinportenScope('nav:x.read', { validator: anyValidator() }) as Untyped
  expect(() => wrap(new Request('https://api.example.no'))).toThrow(
    'Pass the handler too: requireMaskinportenScope(requirement)(handler)',
  )
})

const anyValidator = () => viaFetch.createMaskinportenValidator({ environment: 'test' })

describe('a decorator without a call', () => {
  test.each<[string, unknown]>([
    ['@RequireMaskinportenScope(…)', viaNest.RequireMaskinportenScope],
    ['@SkipMaskinporten()', viaNest.SkipMaskinporten],
    ['@MaskinportenToken()', viaNest.MaskinportenToken],
  ])('%s used without its parentheses throws when the class is defined', (call, decorator) => {
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
