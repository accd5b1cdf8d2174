import type { TextRule } from './definitions.js'
import type { YamlDocument, YamlPath } from './yaml-document.js'

/**
 * Reads the members of one object in a document. A member of the wrong type is reported and then treated as
 * missing, so that one run finds every problem.
 */
export class ManifestFields {
  readonly #members: Readonly<Record<string, unknown>>

  /** @param value the object; undefined is treated as an object without members */
  constructor(
    private readonly document: YamlDocument,
    readonly path: YamlPath,
    value: unknown,
  ) {
    this.#members = isObject(value) ? value : {}
    if (!isObject(value) && value !== undefined) this.report([], 'must be an object')
  }

  get names(): readonly string[] {
    return Object.keys(this.#members)
  }

  /** Returns undefined if the member is missing or null. An empty value in YAML is null. */
  read(name: string): unknown {
    return (Object.hasOwn(this.#members, name) ? this.#members[name] : undefined) ?? undefined
  }

  /** Returns an object without members if the member is missing. */
  object(name: string): ManifestFields {
    return new ManifestFields(this.document, [...this.path, name], this.read(name))
  }

  /** Returns an empty list if the member is missing. */
  list(name: string): readonly ManifestFields[] {
    return this.#entries(name).map(
      (entry, index) => new ManifestFields(this.document, [...this.path, name, index], entry ?? null),
    )
  }

  text(name: string, rule: TextRule = ANY): string | undefined {
    if (this.read(name) === undefined) this.report([name], `is missing: it must be ${rule.text}`)
    return this.optionalText(name, rule)
  }

  optionalText(name: string, { pattern, text }: TextRule = ANY): string | undefined {
    const value = this.read(name)
    if (value === undefined) return undefined
    if (typeof value === 'string' && pattern.test(value)) return value
    this.report([name], `must be ${text}${this.#quotesFor(name)}`)
    return undefined
  }

  /**
   * Quotes a number or boolean as it is written in the file, because YAML reads `NO` as false and `012` as 10.
   */
  #quotesFor(name: string): string {
    if (!['number', 'boolean'].includes(typeof this.read(name))) return ''
    const source = this.document.sourceOf([...this.path, name])
    return `, in quotes${source === undefined ? '' : `: "${source}"`}`
  }

  texts(name: string): readonly string[] | undefined {
    if (this.read(name) === undefined) return undefined
    const entries = this.#entries(name)
    const texts = entries.filter((entry) => typeof entry === 'string')
    if (texts.length === 0 || texts.length < entries.length) this.report([name], 'must be a list of texts')
    return texts
  }

  integer(name: string, minimum: number, maximum: number): number | undefined {
    const value = this.read(name)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum)
      return value
    this.report([name], `must be a whole number from ${minimum} to ${maximum}`)
    return undefined
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this.read(name)
    if (value === undefined) return otherwise
    if (typeof value === 'boolean') return value
    this.report([name], 'must be true or false')
    return otherwise
  }

  requiredFlag(name: string): boolean {
    if (this.read(name) === undefined) this.report([name], 'is missing: it must be true or false')
    return this.flag(name, false)
  }

  /** Reports every member except the known ones. */
  refuseOthers(known: readonly string[]): void {
    const message = `is not known here, and NAIS’s deploy refuses it; the members are ${known.join(', ')}`
    for (const name of this.names) if (!known.includes(name)) this.report([name], message)
  }

  #entries(name: string): readonly unknown[] {
    const value = this.read(name) ?? []
    if (Array.isArray(value)) return value
    this.report([name], 'must be a list')
    return []
  }

  report(path: YamlPath, message: string): void {
    this.document.report([...this.path, ...path], message)
  }

  warn(path: YamlPath, message: string): void {
    this.document.warn([...this.path, ...path], message)
  }
}

const ANY: TextRule = { pattern: /^/, text: 'text' }

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
