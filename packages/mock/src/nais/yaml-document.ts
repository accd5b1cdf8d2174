import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml'
import { ManifestError, type ManifestProblem } from './manifest-error.js'
import type { RenderedTemplate } from './template.js'

/** Where in a document something stands: names of members, and positions in lists. */
export type YamlPath = readonly (string | number)[]

/** One document of a file, with what is wrong in it. */
export interface YamlDocument {
  readonly file: string
  readonly value: unknown
  /** What is wrong so far. */
  readonly problems: readonly ManifestProblem[]
  /** Notes a problem at a place; a place that is missing is told by the line of what would hold it. */
  report(path: YamlPath, message: string): void
}

/**
 * Reads every document of a file.
 *
 * @throws {ManifestError} when it is not YAML
 */
export function readDocuments(file: string, { text, lineInFile }: RenderedTemplate): readonly YamlDocument[] {
  const lineCounter = new LineCounter()
  const lineAt = (offset: number) => lineInFile(lineCounter.linePos(offset).line)
  // YAML 1.1, as Kubernetes reads it: there `yes` is true.
  const parsed = parseAllDocuments(text, { lineCounter, version: '1.1', prettyErrors: false })
  const documents = Array.isArray(parsed) ? parsed : []
  const problems = documents
    .flatMap(({ errors }) => errors)
    .map(({ pos: [offset], message }) => {
      const [first = ''] = message.split('\n')
      return { file, line: lineAt(offset), path: '', message: `is not YAML: ${first}` }
    })
  if (problems.length > 0) throw new ManifestError(problems)
  return documents.map((document) => documentOf(file, document, lineAt))
}

function documentOf(file: string, document: Document, lineAt: (offset: number) => number): YamlDocument {
  const problems: ManifestProblem[] = []
  return {
    file,
    value: valueIn(file, document),
    problems,
    report(path, message) {
      const offset = offsetOf(document, path)
      problems.push({
        file,
        line: offset === undefined ? undefined : lineAt(offset),
        path: textOf(path),
        message,
      })
    },
  }
}

/** An alias without its anchor shows only now. */
function valueIn(file: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch {
    const message = 'is not YAML: it has an alias without an anchor, or too many of them'
    throw new ManifestError([{ file, line: undefined, path: '', message }])
  }
}

/** Of a member: where its name stands. */
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
