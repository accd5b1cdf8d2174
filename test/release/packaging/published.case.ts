import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData, type ProblemKind } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, inject, it, test } from 'vitest'
import { ADAPTERS } from '../../adapters.mjs'
import { run } from './command.mjs'
import { LIBRARIES, PACKAGES, ROOT } from './project.js'

const tarballs = inject('tarballs')
const tarball = (name: string) => tarballs[name] ?? ''
const manifestOf = (name: string) =>
  JSON.parse(run(ROOT, 'tar', 'xzOf', tarball(name), 'package/package.json'))
const filesOf = (name: string) => run(ROOT, 'tar', 'tzf', tarball(name)).trim().split('\n')

/** The largest allowed size of each tarball, in KiB. Raise one only deliberately. */
const BOUNDS: Readonly<Record<string, number>> = {
  cli: 11,
  client: 34,
  core: 101,
  mock: 139,
  ...Object.fromEntries(ADAPTERS.map(({ name, size }) => [name, size])),
}

/** Findings of the types checker that are accepted, each with the reason. */
const TOLERATED: Partial<Record<ProblemKind, string>> = {
  CJSResolvesToESM: 'Packages are ES modules only; every Node in `engines` can require() them',
}

test.each(LIBRARIES)('the package %s has types for every module system', async (name) => {
  const packed = createPackageFromTarballData(new Uint8Array(readFileSync(tarball(name))))
  const checked = await checkPackage(packed)
  const problems = checked.types ? checked.problems : [{ kind: 'no types' as const }]
  expect(problems.filter(({ kind }) => !(kind in TOLERATED))).toEqual([])
})

test('every package has a maximum size', () => {
  expect(Object.keys(BOUNDS).sort()).toEqual(PACKAGES)
})

describe.each(PACKAGES)('the package %s', (name) => {
  it(`@portvakt/${name} passes publint in strict mode`, async () => {
    const data = readFileSync(tarball(name))
    const { messages, pkg } = await publint({
      pack: { tarball: data.buffer.slice(data.byteOffset, data.byteOffset + data.length) as ArrayBuffer },
      strict: true,
    })
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([])
  })

  it(`@portvakt/${name} is within its maximum size`, () => {
    expect(statSync(tarball(name)).size).toBeLessThanOrEqual((BOUNDS[name] ?? 0) * 1024)
  })

  it(`@portvakt/${name} contains only the expected files`, () => {
    const others = filesOf(name).filter((file) => !/^package\/dist\/[\w/-]+(\.node)?\.(js|d\.ts)$/.test(file))
    const forJest = ['jest-preset.cjs', 'jest-preset.d.cts', 'jest-transform.cjs', 'setup.cjs', 'setup.d.cts']
    const wanted = ['LICENSE', 'README.md', 'package.json', ...(name === 'mock' ? forJest : [])]
    expect(others.sort()).toEqual(wanted.map((file) => `package/${file}`).sort())
  })

  it(`@portvakt/${name} has no install scripts`, () => {
    const { scripts = {} } = manifestOf(name)
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']
    expect(Object.keys(scripts).filter((script) => hooks.includes(script))).toEqual([])
  })

  it(`@portvakt/${name} depends on versions from the registry, not on the workspace`, () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
    expect(JSON.stringify([dependencies, peerDependencies])).not.toMatch(/workspace:|catalog:|link:|file:/)
  })

  it(`@portvakt/${name} contains its declared entry points`, () => {
    const manifest = manifestOf(name)
    const files = new Set(filesOf(name))
    const paths = JSON.stringify([manifest.main, manifest.types, manifest.exports, manifest.bin ?? {}]).match(
      /\.\/[^"]+\.[a-z.]+/g,
    )
    for (const path of paths ?? []) expect(files).toContain(join('package', path))
  })
})
