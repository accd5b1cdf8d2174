import { Command, Option } from 'commander'
import { checkScopes } from './check-scopes.js'
import { type ManifestOptions, readingOptions, readManifests, withOptions } from './options.js'
import { print } from './output.js'

interface Options extends ManifestOptions {
  readonly guards: readonly string[]
}

export function checkManifestCommand(): Command {
  const guards = new Option('--guards <scopes>', 'the scopes that the app guards, separated by commas')
    .argParser((text) => text.split(',').map((scope) => scope.trim()))
    .makeOptionMandatory()
  const templating = readingOptions().filter(({ long }) => long === '--vars' || long === '--var')
  const command = new Command('check-manifest')
    .description('check that a manifest exposes exactly the scopes that an app guards')
    .argument('<file>', 'nais.yaml')
  return withOptions(command, [...templating, guards]).action(async (file: string, options: Options) => {
    const { guards, ...reading } = options
    // `checkManifest` reports a scope without its prefix, together with the full name in the manifest.
    await checkScopes(
      guards.filter((scope) => !/^[^:\s]+$/.test(scope)),
      '--guards',
    )
    const [manifest] = await readManifests({ ...reading, nais: [file] })
    const { checkManifest } = await import('@portvakt/mock')
    // `readManifests` has already printed the warnings.
    await checkManifest(guards, manifest ?? file, { onWarning: () => undefined })
    print(`${file}: exposes exactly the guarded scopes (${guards.join(', ')})`)
  })
}
