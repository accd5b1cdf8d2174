/** A row of each name with each of its values. */
export const casesOf = (values: Readonly<Record<string, readonly unknown[]>>): [string, unknown][] =>
  Object.entries(values).flatMap(([name, list]) => list.map((value): [string, unknown] => [name, value]))
