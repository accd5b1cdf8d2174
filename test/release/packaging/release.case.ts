import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { run } from './command.mjs'
import { PACKAGES, ROOT } from './project.js'

/** A command that installs one of our packages from npm. */
const FROM_NPM = /(npm install|npm i|npx)( -\S+)* @?portvakt/

const read = (folder: string, file: string) => readFileSync(join(folder, file), 'utf8')
const textsIn = (folder: string) =>
  run(folder, 'git', 'ls-files', '*.md')
    .trim()
    .split('\n')
    .filter((file) => !file.startsWith('.changeset/'))
const shown = (text: string) => text.replaceAll(/<!--[\s\S]*?-->/g, '')

it.each(textsIn(ROOT))('before the first release, no command in %s installs Portvakt from npm', (file) => {
  const lines = shown(read(ROOT, file)).split('\n')
  const commands = lines.filter((line) => FROM_NPM.test(line) && !line.includes('npx --no-install'))
  expect(commands).toEqual([])
})

describe('the first release', () => {
  const [folder = '', released = ''] = ['release', 'released'].map((name) =>
    mkdtempSync(join(tmpdir(), `portvakt-${name}-`)),
  )
  beforeAll(() => {
    run(ROOT, 'git', 'clone', '--quiet', '--depth', '1', `file://${ROOT}`, folder)
    run(folder, 'npx', '-y', 'pnpm@12', 'release:prepare')
    const variables = ['GITHUB_SERVER_URL=https://github.com', 'GITHUB_REPOSITORY=owner/portvakt']
    run(folder, 'env', ...variables, '.ci/pack-release', released)
  })
  afterAll(() => {
    for (const one of [folder, released]) rmSync(one, { recursive: true, force: true })
  })

  it('release:prepare changes every text to use npm instead of a clone', () => {
    for (const name of PACKAGES) {
      const line = new RegExp(`^npm install (--save-dev )?@portvakt/${name}$`, 'm')
      expect(read(folder, `packages/${name}/README.md`)).toMatch(line)
    }
    const texts = textsIn(folder).map((file) => read(folder, file))
    expect(texts.join('')).toContain('npx @portvakt/cli run')
    expect(read(folder, 'packages/core/src/config/validator-options.ts')).toContain('npx @portvakt/cli run')
    for (const text of texts)
      expect(text).not.toMatch(/<!-- (until|when) released|npx --no-install portvakt /)
    expect(read(folder, 'README.md')).not.toMatch(/not on npm|not released/i)
  })

  it('every link in a README is an https link, or resolves on npm to a file of the repository', () => {
    const head = 'https://github.com/owner/portvakt/blob/HEAD/'
    const tracked = run(folder, 'git', 'ls-files').split('\n')
    const files = new Set(tracked.map((file) => head + file))
    const links = PACKAGES.flatMap((name) => {
      const { repository } = JSON.parse(read(folder, `packages/${name}/package.json`))
      expect(repository.url).toBe('git+https://github.com/owner/portvakt.git')
      const targets = read(folder, `packages/${name}/README.md`).matchAll(/\]\((?!https:)([^)#\s]+)/g)
      // npm resolves a relative link against the directory of the package in the repository.
      return [...targets].map(([, target = '']) => new URL(target, `${head}${repository.directory}/`).href)
    })
    expect(links).toContain(`${head}docs/reference.md`)
    expect(links.filter((link) => !files.has(link))).toEqual([])
  })

  it('the release packs every package, lists dependencies in a bill of materials, and publishes core first and cli last', () => {
    const { version } = JSON.parse(read(folder, 'packages/core/package.json'))
    const tarballs = PACKAGES.map((name) => `portvakt-${name}-${version}.tgz`)
    expect(readdirSync(released).sort()).toEqual([...tarballs, 'portvakt.cdx.json'].sort())
    const components: readonly { name: string }[] = JSON.parse(read(released, 'portvakt.cdx.json')).components
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['jose', 'lru-cache']))
    // Run the publishing step of the job in a folder that contains only the files that the job receives.
    const { jobs } = parse(read(folder, '.github/workflows/release.yml'))
    const steps: readonly { run?: string }[] = jobs.publish.steps
    const [command = ''] = steps.flatMap((step) => step.run ?? [])
    expect(command).toContain(' --provenance ')
    const dryRun = command.replace('cd release', '').replace('--provenance', '--dry-run')
    const published = [...run(released, 'bash', '-ec', dryRun).matchAll(/^\+ @portvakt\/(\w+)@(.+)$/gm)]
    const names = published.map(([, name]) => name)
    expect([names[0], names.at(-1), [...names].sort()]).toEqual(['core', 'cli', [...PACKAGES].sort()])
    expect(new Set(published.map(([, , one]) => one))).toEqual(new Set([version]))
  })

  it('after release:prepare, every file is formatted', () => {
    run(folder, join(ROOT, 'node_modules/.bin/biome'), 'ci', '.')
  })
})
