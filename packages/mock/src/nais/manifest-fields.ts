import type { YamlDocument, YamlPath } from './yaml-document.js'

/**
 * The members of one object in a document, read by the form they must have. What has another form is reported
 * and read as if it were not there, so that one run finds every mistake.
 */
export class ManifestFields {
  readonly path: YamlPath
  readonly #document: YamlDocument
  readonly #members: Readonly<Record<string, unknown>>

  /** @param value undefined: an object without members */
  constructor(document: YamlDocument, path: YamlPath, value: unknown) {
    this.path = path
    this.#document = document
    this.#members = isObject(value) ? value : {}
    if (!isObject(value) && value !== undefined) this.#report([], 'must be an object')
  }

  /** Undefined also for a name with nothing after it. */
  read(name: string): unknown {
    return (Object.hasOwn(this.#members, name) ? this.#members[name] : undefined) ?? undefined
  }

  /** An object without members where there is none. */
  object(name: string): ManifestFields {
    return new ManifestFields(this.#document, [...this.path, name], this.read(name))
  }

  /** The objects of a list; none where there is no list. */
  list(name: string): readonly ManifestFields[] {
    return this.#entries(name).map(
      (entry, index) => new ManifestFields(this.#document, [...this.path, name, index], entry ?? null),
    )
  }

  text(name: string, form = /^.+$/, description = 'text'): string | undefined {
    if (this.read(name) === undefined) this.#report([name], `is missing: it must be ${description}`)
    return this.optionalText(name, form, description)
  }

  optionalText(name: string, form = /^.+$/, description = 'text'): string | undefined {
    const value = this.read(name)
    if (value === undefined) return undefined
    if (typeof value === 'string' && form.test(value)) return value
    const isBare = typeof value === 'number' || typeof value === 'boolean'
    this.#report([name], `must be ${description}${isBare ? ', in quotes' : ''}`)
    return undefined
  }

  texts(name: string): readonly string[] | undefined {
    if (this.read(name) === undefined) return undefined
    const entries = this.#entries(name)
    const texts = entries.filter((entry) => typeof entry === 'string')
    if (texts.length === 0 || texts.length < entries.length) this.#report([name], 'must be a list of texts')
    return texts
  }

  integer(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.read(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum)
      return value
    this.#report([name], `must be a whole number from ${minimum} to ${maximum}`)
    return undefined
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.read(name)
    if (value === undefined) return otherwise
    if (typeof value === 'boolean') return value
    this.#report([name], 'must be true or false')
    return otherwise
  }

  requiredFlag(name: string): boolean {
    if (this.read(name) === undefined) this.#report([name], 'is missing: it must be true or false')
    return this.flag(name, false)
  }

  /** A misspelt member would be without effect. */
  refuseOthers(known: readonly string[]): void {
    for (const name of Object.keys(this.#members)) {
      if (!known.includes(name))
        this.#report([name], `is not known here; the members are ${known.join(', ')}`)
    }
  }

  #entries(name: string): readonly unknown[] {
    const value = this.read(name) ?? []
    if (Array.isArray(value)) return value
    this.#report([name], 'must be a list')
    return []
  }

  #report(path: YamlPath, message: string): void {
    this.#document.report([...this.path, ...path], message)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
