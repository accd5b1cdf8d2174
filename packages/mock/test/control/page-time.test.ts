import { expect, it } from 'vitest'
import { tokenTimes } from '../../src/control/page-time.js'

const NOW = Date.UTC(2026, 0, 1)
const tokenOf = (json: string) => `e30.${Buffer.from(json).toString('base64url')}.AAAA`
const shown = (json: string) => String(tokenTimes(tokenOf(json), NOW))

it.each([
  [0, 'now'],
  [1, 'in 1 second'],
  [-1, '1 second ago'],
  [119, 'in 119 seconds'],
  [120, 'in 2 minutes'],
  [-7199, '119 minutes ago'],
  [7200, 'in 2 hours'],
  [-172_799, '47 hours ago'],
  [172_800, 'in 2 days'],
])('the mock’s page shows a time that is %i s away as "%s"', (seconds, distance) => {
  const exp = NOW / 1000 + seconds
  const iso = new Date(exp * 1000).toISOString()
  const time = `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`
  expect(shown(JSON.stringify({ exp }))).toBe(`<dl><dt>Expires</dt><dd>${time} (${distance})</dd></dl>`)
})

it.each(['1e300', '"1767225600"', 'null'])(
  'the mock’s page shows that an `exp` of %s is not a time',
  (exp) => {
    expect(shown(`{"exp":${exp}}`)).toBe('<dl><dt>Expires</dt><dd>not a time</dd></dl>')
  },
)

it.each(['', 'null', '7', '{}', '{"exp":1'])('the mock’s page shows no times for the claims %s', (claims) => {
  expect(shown(claims)).toBe('')
})

it.each(['', 'x', 'a.b'])('the mock’s page shows no times for %j, which is not a token', (token) => {
  expect(tokenTimes(token, NOW)).toBe('')
})
