import { expect, it, test } from 'vitest'
import { ADAPTERS } from '../adapters.mjs'
import { HOSTS } from '../contract/conformance/hosts.js'
import { PACKAGES } from '../docs/blocks.js'
import { exportsOf } from '../docs/compiler.js'

const OTHERS = ['core', 'mock', 'client', 'cli']
const names = ADAPTERS.map(({ name }) => name)

it('every folder of packages is listed as an adapter or as another package', () => {
  expect([...OTHERS, ...names].sort()).toEqual(PACKAGES)
})

test.each(names)('@portvakt/%s has a host in the conformance suite', (name) => {
  const framework = name.replace(/js$/, '')
  expect(HOSTS.filter((host) => host.name.toLowerCase().startsWith(framework))).not.toEqual([])
})

test.each(names)('@portvakt/%s re-exports every export of core unchanged', (name) => {
  const own = new Map(exportsOf(name).map((symbol) => [symbol.name, symbol]))
  for (const symbol of exportsOf('core')) expect(own.get(symbol.name) === symbol, symbol.name).toBe(true)
  expect([...own.keys()]).toEqual(expect.arrayContaining(['getMaskinportenToken']))
})
