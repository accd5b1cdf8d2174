import { expect, test } from 'vitest'
import { UNCALLED } from './hosts.js'

test.each(UNCALLED)(
  'on %s, passing requireMaskinportenScope without calling it fails with an error that names the mistake',
  async (_host, error) => {
    expect(await error()).toMatch(/^TypeError: .*call it: requireMaskinportenScope\(…\)$/)
  },
)
