import { takeList } from '@portvakt/core/internal'

/** @throws {TypeError} naming the option, unless the value is a non-empty string */
export function checkText(value: unknown, option: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`\`${option}\` must be a non-empty string`)
}

export function isFullScopeName(name: unknown): name is string {
  return typeof name === 'string' && /^[^:\s]+:\S+$/.test(name)
}

/** @param rule the beginning of the error message @throws {TypeError} */
export function checkScopeName(name: unknown, rule: string): void {
  if (isFullScopeName(name)) return
  const problem =
    typeof name !== 'string'
      ? `it is ${name === null ? 'null' : typeof name}`
      : `${JSON.stringify(name.slice(0, 100))} has ${/\s/.test(name) ? 'white space' : 'no prefix'}`
  const example = 'prefix:subscope, such as nav:helse/sykepenger/afp.read'
  throw new TypeError(`${rule}, ${example}: ${problem}`)
}

/** Copies the option `scopes` of a client or a delegation. @throws {TypeError} */
export function takeScopeNames(scopes: readonly string[]): string[] {
  const names = takeList(scopes, 'scopes')
  for (const name of names) checkScopeName(name, '`scopes` must be a list of full names')
  return names
}
