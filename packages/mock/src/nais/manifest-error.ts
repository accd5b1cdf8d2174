/** One thing in a manifest that is refused or warned of, and where. */
export interface ManifestProblem {
  /** The file, as it was named in the call. */
  readonly file: string
  /** The line in that file, from 1, where one can be told. */
  readonly line: number | undefined
  /** For example `spec.maskinporten.scopes.exposes[0].name`; empty for the document itself. */
  readonly path: string
  readonly message: string
}

/**
 * Manifests that are wrong. Nothing of them was provisioned.
 *
 * @example
 * try {
 *   await mock.provision('nais.yaml')
 * } catch (error) {
 *   if (error instanceof ManifestError) for (const { line, message } of error.problems) console.error(line, message)
 * }
 */
export class ManifestError extends Error {
  override readonly name = 'ManifestError'
  /** Everything that is wrong, file by file and line by line. */
  readonly problems: readonly ManifestProblem[]

  constructor(problems: readonly ManifestProblem[]) {
    super(problems.map(describeProblem).join('\n'))
    this.problems = Object.freeze([...problems])
  }
}

export function describeProblem({ file, line, path, message }: ManifestProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  return `${place}: ${path === '' ? '' : `${path} `}${message}`
}
