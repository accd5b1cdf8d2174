import { Option } from 'commander'
import type { DescribedApp } from '../control/control-routes.js'

export const appOption = () => new Option('--app <name>', 'the app, where the manifests have several')

/** @throws {TypeError} naming the apps there are, unless exactly one is meant */
export function chooseApp(apps: readonly DescribedApp[], name: string | undefined): DescribedApp {
  const [app, another] = name === undefined ? apps : apps.filter((one) => one.name === name)
  if (app && !another) return app
  const names = apps.map((one) => one.name).join(', ')
  if (apps.length === 0) throw new TypeError('No app there has spec.maskinporten enabled')
  if (!app) throw new TypeError(`There is no app ${name}, only ${names}`)
  throw new TypeError(`There are several apps: say which by --app (${names})`)
}
