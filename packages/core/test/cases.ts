/** Returns the rows of a test table. Each row has a name and one of the values of that name. */
export const casesOf = (values: Readonly<Record<string, readonly unknown[]>>): [string, unknown][] =>
  Object.entries(values).flatMap(([name, list]) => list.map((value): [string, unknown] => [name, value]))
