import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml'
import { GO_YAML } from './go-yaml.js'
import { fileError, ManifestError, type ManifestProblem } from './manifest-error.js'
import type { RenderedTemplate } from './template.js'

/** Names of members, and indexes in lists. */
export type YamlPath = readonly (string | number)[]

export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** The source text of a scalar. Undefined for a value that is not a scalar, and for a merged member. */
  sourceOf(path: YamlPath): string | undefined
  /** Problems with members that the cluster or this package refuses. */
  readonly problems: readonly ManifestProblem[]
  /** Warnings about members that the cluster accepts and that fail later. */
  readonly warnings: readonly ManifestProblem[]
  /** Reports a problem. If the member is missing, the problem has the line of the member's parent. */
  report(path: YamlPath, message: string): void
  warn(path: YamlPath, message: string): void
}

/** @throws {ManifestError} when the file is not YAML */
export function readDocuments(file: string, { text, lineInFile }: RenderedTemplate): readonly YamlDocument[] {
  const lineCounter = new LineCounter()
  const lineAt = (offset: number) => lineInFile(lineCounter.linePos(offset).line)
  const parsed = parseAllDocuments(text, { ...GO_YAML, lineCounter })
  const documents = Array.isArray(parsed) ? parsed : []
  const problems = documents
    .flatMap(({ errors }) => errors)
    .map(({ code, pos: [offset], message }) => {
      const [first = ''] = message.split('\n')
      const text = code === 'DUPLICATE_KEY' ? TWICE : `is not YAML: ${first}`
      return { file, line: lineAt(offset), path: '', message: text }
    })
  if (problems.length > 0) throw new ManifestError(problems)
  if (documents.some(isOfAnotherVersion)) throw fileError(file, OTHER_VERSION)
  return documents.map((document) => documentOf(file, document, lineAt))
}

/**
 * Whether the document declares a YAML version other than 1.1: go-yaml 2 refuses every `%YAML` version but
 * 1.1 (parserc.go, yaml_parser_process_directives).
 */
const isOfAnotherVersion = ({ directives }: Document): boolean =>
  directives?.yaml.explicit === true && directives.yaml.version !== '1.1'

const OTHER_VERSION = 'has a `%YAML` of a version that NAIS does not read: leave that line out, or write 1.1'

/** NAIS accepts a duplicate key. The mock refuses a duplicate key, because it is usually a mistake. */
const TWICE = 'has the same key twice: NAIS silently takes the last one, so keep one'

function documentOf(file: string, document: Document, lineAt: (offset: number) => number): YamlDocument {
  const problems: ManifestProblem[] = []
  const warnings: ManifestProblem[] = []
  const at = (path: YamlPath, message: string): ManifestProblem => {
    const offset = offsetOf(document, path)
    return { file, line: offset === undefined ? undefined : lineAt(offset), path: textOf(path), message }
  }
  return {
    file,
    value: valueIn(file, document),
    sourceOf(path) {
      const node: unknown = document.getIn(path, true)
      return isScalar(node) ? node.source : undefined
    },
    problems,
    warnings,
    report: (path, message) => void problems.push(at(path, message)),
    warn: (path, message) => void warnings.push(at(path, message)),
  }
}

function valueIn(file: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch {
    // Aliases and merges are not resolved before this point.
    const what = 'it has an alias without an anchor, too many aliases, or a `<<` that is not a map'
    throw fileError(file, `is not YAML: ${what}`)
  }
}

/** Returns the offset of the member's name or, if the member is missing, of its closest existing parent. */
function offsetOf(document: Document, path: YamlPath): number | undefined {
  const holder = path.slice(0, -1)
  const parent: unknown = holder.length === 0 ? document.contents : document.getIn(holder, true)
  const name = path.at(-1)
  const key = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === name)?.key
    : undefined
  const node = key ?? (path.length === 0 ? document.contents : document.getIn(path, true))
  if (isNode(node) && node.range) return node.range[0]
  return path.length === 0 ? undefined : offsetOf(document, holder)
}

function textOf(path: YamlPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    return text === '' ? step : `${text}.${step}`
  }, '')
}
