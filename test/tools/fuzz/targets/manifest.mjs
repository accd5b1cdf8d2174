// nais.yaml: every error is reported as a manifest error with its line.
import { ManifestError } from '../../../../packages/mock/dist/index.js'
import { readSource } from '../../../../packages/mock/dist/nais/manifest-source.js'

export async function fuzz(data) {
  try {
    const apps = await readSource({ yaml: data.toString(), vars: { image: 'x' } }, {})
    for (const { maskinporten } of apps) {
      for (const { value } of maskinporten?.exposes ?? []) {
        if (!/^[^:\s]+:\S+$/.test(value.name))
          throw new Error(`Invalid exposed name ${JSON.stringify(value.name)}`)
      }
    }
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error
  }
}
