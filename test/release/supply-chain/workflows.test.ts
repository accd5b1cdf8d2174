import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const FOLDER = fileURLToPath(new URL('../../../.github/workflows/', import.meta.url))

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly environment?: string
  readonly needs?: readonly string[]
  readonly 'timeout-minutes'?: number
  readonly steps: readonly { uses?: string; run?: string; with?: Readonly<Record<string, unknown>> }[]
}

const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(FOLDER + file, 'utf8')
  return { file, text, workflow: parse(text) as Workflow }
})

describe.each(workflows)('the workflow $file', ({ file, text, workflow }) => {
  const jobs = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps)

  it(`${file} pins every action to a commit hash, and runs an exact version of pnpm`, () => {
    for (const { uses } of steps) if (uses) expect(uses).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
    const commands = steps.map(({ run }) => run ?? '').join('\n')
    for (const [, version] of commands.matchAll(/pnpm@(\S+)/g)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it(`${file} has no permissions by default, and each job declares its own`, () => {
    expect(workflow.permissions).toEqual({})
    for (const job of jobs) {
      expect(job.permissions).toBeDefined()
      expect(job.permissions).not.toHaveProperty('contents', 'write')
      expect(job['timeout-minutes']).toBeLessThanOrEqual(90)
    }
  })

  it(`only jobs of ${file} in the environments npm and github-pages can publish, and they only publish`, () => {
    for (const job of jobs.filter(({ permissions }) => permissions?.['id-token'])) {
      expect(['npm', 'github-pages']).toContain(job.environment)
      const actions = job.steps.flatMap(({ uses }) => uses?.split('@')[0] ?? [])
      const toNpm = ['actions/download-artifact', 'actions/attest', 'actions/setup-node']
      expect(actions).toEqual(job.environment === 'npm' ? toNpm : ['actions/deploy-pages'])
      for (const { run } of job.steps)
        expect(run ?? '').not.toMatch(/npx|pnpm|npm (?!publish)|node |curl|git/)
    }
  })

  it(`${file} checks out without persistent credentials`, () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    expect(checkouts.length).toBeGreaterThan(0)
    for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false)
  })

  it(`${file} uses no expressions in commands, and no secrets`, () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{')
    expect(text).not.toMatch(/secrets\.|pull_request_target/)
  })
})

describe('the release', () => {
  const publishing = workflows.filter(({ text }) => text.includes('npm publish'))
  const [{ workflow } = expect.unreachable('no workflow publishes')] = publishing
  const { test, pack, publish } = workflow.jobs
  const commandsOf = (job: Job | undefined) => (job?.steps ?? []).map(({ run }) => run ?? '').join('\n')

  it('only one job publishes, and that job runs after a tag on main was tested and packed', () => {
    expect(publishing).toHaveLength(1)
    const jobs = Object.values(workflow.jobs).filter((job) => /npm publish/.test(commandsOf(job)))
    expect(jobs).toEqual([publish])
    expect(workflow.on).toEqual({ push: { tags: ['v*'] } })
    expect(publish?.needs).toEqual(['test', 'pack'])
    expect(commandsOf(test)).toContain('.ci/run')
    expect(commandsOf(pack)).toMatch(/^git merge-base --is-ancestor "\$GITHUB_SHA" origin\/main$/m)
  })

  it('the release publishes the packages first, then the reference that `pnpm docs` builds', () => {
    const { reference, pages } = workflow.jobs
    expect(commandsOf(reference)).toMatch(/^npx -y pnpm@\S+ run docs$/m)
    const upload = reference?.steps.find(({ uses }) => uses?.startsWith('actions/upload-pages-artifact@'))
    expect(upload?.with).toEqual({ path: 'docs/api' })
    expect(pages?.needs).toEqual(['publish', 'reference'])
  })

  it('the release publishes every package with provenance, and attests the tarballs and their bill of materials', () => {
    expect(publish?.permissions).toEqual({ 'id-token': 'write', attestations: 'write' })
    for (const [command] of commandsOf(publish).matchAll(/npm publish.*/g))
      expect(command).toContain(' --provenance ')
    const attest = publish?.steps.find(({ uses }) => uses?.startsWith('actions/attest@'))
    const paths = { 'subject-path': 'release/*.tgz', 'sbom-path': 'release/portvakt.cdx.json' }
    expect(attest?.with).toEqual(paths)
    expect(commandsOf(pack)).toContain('.ci/pack-release "$RUNNER_TEMP/release"')
  })
})
