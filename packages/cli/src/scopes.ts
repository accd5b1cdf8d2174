import { loadManifestReader, ManifestError } from '@portvakt/mock/internal'
import { Command } from 'commander'
import { jsonOption, type ManifestOptions, readingOptions, readManifests, withOptions } from './options.js'
import { print, printJson, table } from './output.js'

interface ScopesOptions extends ManifestOptions {
  readonly json?: true
}

export function scopesCommand(): Command {
  const command = new Command('scopes')
    .description('print the full names of the scopes that manifests expose and consume')
    .argument('<files...>', 'nais.yaml')
  const all = [...readingOptions(), jsonOption()]
  return withOptions(command, all).action(async (nais: string[], options: ScopesOptions) => {
    const manifests = await readManifests({ ...options, nais })
    const { problemsOf, readSources } = await loadManifestReader()
    const apps = await readSources(manifests, {})
    const problems = problemsOf(apps)
    if (problems.length > 0) throw new ManifestError(problems)
    const scopes = apps.map(({ name, maskinporten }) => ({
      app: name,
      exposes: (maskinporten?.exposes ?? []).map(({ value }) => value.name),
      consumes: (maskinporten?.consumes ?? []).map(({ value }) => value),
    }))
    if (options.json) return printJson(scopes)
    const rows = scopes.flatMap(({ app, exposes, consumes }) => [
      ...exposes.map((scope) => [app, 'exposes', scope]),
      ...consumes.map((scope) => [app, 'consumes', scope]),
    ])
    print(rows.length > 0 ? table(rows) : 'no scopes')
  })
}
