import { readFileSync, statSync } from 'node:fs'
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

/** The largest allowed size of each tarball, in KiB. Raise a limit only deliberately. */
const SIZES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(ADAPTERS.map(({ name, size }) => [name, size])),
  ...{ cli: 34, client: 43, core: 116, mock: 139 },
}

/** Accepted problems that @arethetypeswrong/core reports, each with the reason. */
const TOLERATED: Partial<Record<ProblemKind, string>> = {
  CJSResolvesToESM: 'Packages are ES modules only; every Node in `engines` can require() them',
}

test.each(LIBRARIES)('the package %s has types for every module system', async (name) => {
  const packed = createPackageFromTarballData(new Uint8Array(readFileSync(tarball(name))))
  const checked = await checkPackage(packed)
  const problems = checked.types ? checked.problems : [{ kind: 'no types' as const }]
  expect(problems.filter(({ kind }) => !(kind in TOLERATED))).toEqual([])
})

describe.each(PACKAGES)('the package %s', (name) => {
  it(`@portvakt/${name} passes publint in strict mode`, async () => {
    const packed = new Uint8Array(readFileSync(tarball(name))).buffer
    const { messages, pkg } = await publint({ pack: { tarball: packed }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg ?? {}))).toEqual([])
  })

  it(`@portvakt/${name} is within its maximum size`, () => {
    expect(statSync(tarball(name)).size).toBeLessThanOrEqual((SIZES[name] ?? 0) * 1024)
  })

  it(`@portvakt/${name} contains only the expected files`, () => {
    const others = filesOf(name).filter((file) => !/^package\/dist\/[\w/-]+(\.node)?\.(js|d\.ts)$/.test(file))
    const forJest = ['jest-preset.cjs', 'jest-preset.d.cts', 'jest-transform.cjs', 'setup.cjs', 'setup.d.cts']
    const wanted = ['LICENSE', 'README.md', 'package.json', ...(name === 'mock' ? forJest : [])]
    expect(others.sort()).toEqual(wanted.map((file) => `package/${file}`).sort())
  })

  it(`@portvakt/${name} depends on versions from the registry, not on the workspace`, () => {
    const { dependencies = {}, peerDependencies = {} } = manifestOf(name)
    expect(JSON.stringify([dependencies, peerDependencies])).not.toMatch(/workspace:|catalog:|link:|file:/)
  })
})
