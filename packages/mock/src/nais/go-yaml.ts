import { isNode, Scalar, type ScalarTag, type Tags } from 'yaml'

/**
 * Options that make the parser read YAML like go-yaml 2 (gopkg.in/yaml.v2 2.4). NAIS's deploy and Kubernetes
 * use go-yaml 2. It reads the booleans, octals and merges of YAML 1.1 and the octals of YAML 1.2. It does not
 * read base 60 (`2:00` is text) or dates.
 *
 * Two differences from go-yaml 2 remain: a duplicate key is an error here, and `!!binary` is not decoded.
 *
 * @see https://github.com/go-yaml/yaml/blob/v2.4.0/resolve.go
 */
export const GO_YAML = {
  version: '1.1',
  schema: 'yaml-1.1',
  prettyErrors: false,
  customTags: (tags: Tags): Tags => [...tags.filter(isKept), INTEGER, FLOAT, MERGE],
} as const

const YAML = 'tag:yaml.org,2002:'
const KEPT = ['map', 'seq', 'str', 'null', 'bool'].map((name) => `${YAML}${name}`)

const isKept = (tag: Tags[number]): boolean => typeof tag === 'object' && KEPT.includes(tag.tag)

/** `test` matches every text that starts like a number. `resolve` decides whether the text is a number. */
const INTEGER: ScalarTag = { tag: `${YAML}int`, default: true, test: /^[-+.0-9]/, resolve: numberOrText }
const FLOAT: ScalarTag = { ...INTEGER, tag: `${YAML}float` }

function numberOrText(text: string): number | string {
  const [special, sign] = /^([-+]?)\.(?:inf|Inf|INF)$/.exec(text) ?? []
  if (special !== undefined) return sign === '-' ? -Infinity : Infinity
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN
  const plain = text.replaceAll('_', '')
  const [, minus, prefix, digits] = PREFIXED.exec(plain) ?? []
  if (prefix !== undefined && digits !== undefined)
    return (minus === '-' ? -1 : 1) * Number.parseInt(digits, RADIX[prefix.toLowerCase()])
  const value = DECIMAL.test(plain) ? Number(plain) : NaN
  return Number.isFinite(value) ? value : text
}

const RADIX: Readonly<Record<string, number>> = { '0b': 2, '0': 8, '0o': 8, '0x': 16 }
const PREFIXED = /^([-+]?)(?:(?=0b[01]+$|0o?[0-7]+$|0x[0-9a-f]+$)(0[box]?)([0-9a-f]+))$/i
const DECIMAL = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:e[-+]?[0-9]+)?$/i

/**
 * go-yaml 2 merges at the position of `<<`: the merged members override earlier members, and later members
 * override the merged ones.
 */
const MERGE: ScalarTag = {
  tag: `${YAML}merge`,
  default: 'key',
  test: /^<<$/,
  // Use a symbol as the key, so that two `<<` in one map do not count as a duplicate key.
  resolve: () => Object.assign(new Scalar(Symbol('<<')), { addToJSMap: merge }),
}

const merge: NonNullable<Scalar['addToJSMap']> = (context, target, value) => {
  const source: unknown = isNode(value) ? value.toJSON('', context) : value
  const parts: readonly unknown[] = Array.isArray(source) ? source : [source]
  // The first of several merged maps takes precedence, so it is merged last.
  for (const part of parts.toReversed()) {
    if (typeof part !== 'object' || part === null || Array.isArray(part))
      throw new TypeError('`<<` takes a map, or a list of maps')
    Object.defineProperties(target, Object.getOwnPropertyDescriptors(part))
  }
}
