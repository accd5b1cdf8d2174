import { checkManifest } from '@portvakt/mock'
import { Command, Option } from 'commander'
import { type ManifestOptions, readingOptions, readManifests } from './options.js'
import { print } from './output.js'

interface CheckManifestCommandOptions extends ManifestOptions {
  readonly guards: readonly string[]
}

export function checkManifestCommand(): Command {
  const command = new Command('check-manifest')
    .description('check that a manifest exposes what an app guards, and nothing else')
    .argument('<file>', 'nais.yaml')
  for (const option of readingOptions()) {
    if (option.long === '--vars' || option.long === '--var') command.addOption(option)
  }
  const guards = new Option('--guards <scopes>', 'the scopes that the app guards, separated by commas')
    .argParser((text) => text.split(',').map((scope) => scope.trim()))
    .makeOptionMandatory()
  return command.addOption(guards).action(async (file: string, options: CheckManifestCommandOptions) => {
    const { guards, ...reading } = options
    const [manifest] = await readManifests({ ...reading, nais: [file] })
    // `readManifests` has printed the warnings.
    await checkManifest(guards, manifest ?? file, { onWarning: () => undefined })
    print(`${file}: exposes what is guarded, and nothing else (${guards.join(', ')})`)
  })
}
