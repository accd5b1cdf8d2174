import { expect, it } from 'vitest'
import { HOSTS } from '../conformance/hosts.js'
import { describeCore, describeHost, seesJoined } from './attack-suite.js'
import { ATTACKS } from './attacks/index.js'

it('the catalogue has at least 250 attacks with unique names', () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(250)
  const names = ATTACKS.map(({ id, title }) => `${id} ${title}`)
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
})

it('some hosts see repeated headers separately, and others see one joined value', () => {
  expect(HOSTS.some(seesJoined)).toBe(true)
  expect(process.env['PORTVAKT_WORKERD'] !== undefined || !HOSTS.every(seesJoined)).toBe(true)
})

describeCore('keys', ATTACKS)

const BY_HOST = ATTACKS.filter(({ byHost, headers }) => byHost || headers)
for (const host of HOSTS) describeHost('keys', host, BY_HOST)
