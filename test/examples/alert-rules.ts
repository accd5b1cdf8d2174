import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

/** An alert in the rules file. */
export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

/** A metric in an expression, with the required values of its labels. */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[]
}

const FILE = fileURLToPath(new URL('../../examples/events/alerts.yaml', import.meta.url))

export const ALERTS: readonly Alert[] = parse(readFileSync(FILE, 'utf8')).groups.flatMap(
  ({ rules }: { rules: Alert[] }) => rules,
)

/**
 * Reads the metrics in an alert's expression. Supports only the label matchers that the rules use: equality,
 * and alternatives without other patterns.
 */
export function selectorsIn({ expr }: Alert): readonly Selector[] {
  return [...expr.matchAll(/(maskinporten_\w+)(?:\{([^}]*)\})?/g)].map(([, metric = '', labels = '']) => ({
    metric,
    matchers: [...labels.matchAll(/(\w+)=~?"([\w|]*)"/g)].map(([, label = '', values = '']) => ({
      label,
      values: values.split('|'),
    })),
  }))
}

/** The labels that an alert's expression keeps, and that its texts can use. */
export function labelsOf({ expr }: Alert): readonly string[] {
  return (/ by \(([^)]*)\)/.exec(expr)?.[1] ?? '').split(/, */).filter((label) => label !== '')
}
