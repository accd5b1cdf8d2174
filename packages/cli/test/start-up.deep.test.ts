import { mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../mock/test/temporary-directory.js'
import { PROVIDER, portvakt, serve } from './cli.js'

const directory = await temporaryDirectory()

/** Runs a command, and returns the dependencies that it loaded, as found in V8's coverage files. */
async function loadedBy(run: (env: Record<string, string>) => Promise<unknown>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(directory, 'run-'))
  await run({ NODE_V8_COVERAGE: folder })
  const files = await readdir(folder)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const urls: string[] = texts.flatMap((text) =>
    JSON.parse(text).result.map(({ url }: { url: string }) => url),
  )
  const nameIn = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//
  return [...new Set(urls.flatMap((url) => nameIn.exec(url)?.[1] ?? []))].sort()
}

const serving = (options: readonly string[]) => async (env: Record<string, string>) =>
  (await serve(options, env)).stop()

it('`--help` loads only the command-line parser', async () => {
  expect(await loadedBy((env) => portvakt(['--help'], env))).toEqual(['commander'])
})

it('`serve` loads the manifest parsers only when a manifest is given', async () => {
  const parsersOf = async (options: readonly string[]) =>
    (await loadedBy(serving(options))).filter((name) => ['handlebars', 'yaml'].includes(name))
  expect(await parsersOf([])).toEqual([])
  expect(await parsersOf(['--nais', PROVIDER, '--var', 'image=any'])).toEqual(['handlebars', 'yaml'])
})
