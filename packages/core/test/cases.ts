/** Returns table rows of a name and a value: one row for each value of each name. */
export const casesOf = (values: Readonly<Record<string, readonly unknown[]>>): [string, unknown][] =>
  Object.entries(values).flatMap(([name, list]) => list.map((value): [string, unknown] => [name, value]))
