import { readFile } from 'node:fs/promises'
import { takeList, takeOptions } from '@portvakt/core/internal'
import { parse } from 'yaml'
import { GO_YAML } from './go-yaml.js'
import { ManifestError } from './manifest-error.js'

/** What fills in a template. */
export interface TemplateVariables {
  /** Values by name, or `name=value` as the flag `--var` of NAIS's deploy takes them; a bare name is true. */
  readonly vars?: Readonly<Record<string, unknown>> | readonly string[]
  /** A file of values in YAML or JSON, as the flag `--vars` takes it. Values in `vars` win. */
  readonly varsFile?: string | URL
}

/**
 * @throws {TypeError} when `vars` is neither
 * @throws {ManifestError} when the file cannot be read as an object
 */
export async function readVariables({
  vars = {},
  varsFile,
}: TemplateVariables): Promise<Readonly<Record<string, unknown>>> {
  return { ...(varsFile === undefined ? {} : await readVarsFile(varsFile)), ...takeVariables(vars) }
}

async function readVarsFile(varsFile: string | URL): Promise<object> {
  const problem = { file: String(varsFile), line: undefined, path: '' }
  const text = await readFile(varsFile, 'utf8').catch(() => {
    throw new ManifestError([{ ...problem, message: 'cannot be read' }])
  })
  try {
    // JSON is YAML. NAIS's deploy reads values as it reads manifests.
    const values: unknown = parse(text, GO_YAML) ?? {}
    if (typeof values === 'object' && values !== null && !Array.isArray(values)) return values
  } catch {
    // Not YAML: reported below.
  }
  throw new ManifestError([{ ...problem, message: 'is not an object in YAML or JSON' }])
}

/** @throws {TypeError} when `vars` is neither a record nor a list of `name=value` */
export function takeVariables(vars: unknown): Readonly<Record<string, unknown>> {
  if (Array.isArray(vars)) {
    return Object.fromEntries(
      takeList(vars, 'vars').map((flag) => {
        if (typeof flag !== 'string' || flag === '')
          throw new TypeError('`vars` as a list must be name=value')
        const [name, ...value] = flag.split('=')
        return [name, value.length === 0 || value.join('=')]
      }),
    )
  }
  if (typeof vars === 'object' && vars !== null) return { ...takeOptions(vars, 'any', '`vars`') }
  throw new TypeError('`vars` must be an object, or a list of name=value')
}
