import { ADAPTERS } from '../adapters.mjs'

/** The types of names that snippets can use without declaring them. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  app: "import('express').Express",
  handler: "import('express').RequestHandler",
  request: 'Request',
  response: "import('node:http').ServerResponse",
  incoming: "import('node:http').IncomingMessage",
  token: 'string',
  verified: "import('@portvakt/core').VerifiedToken",
  validator: "import('@portvakt/core').MaskinportenValidator",
  createMaskinportenValidator: "typeof import('@portvakt/core').createMaskinportenValidator",
  mock: "import('@portvakt/mock').MockMaskinporten",
  maskinporten: "import('@portvakt/mock').MockMaskinporten",
  client: "import('@portvakt/client').MaskinportenClient",
  decisionsFor: "(token: import('@portvakt/core').VerifiedToken) => readonly string[]",
  expect: "typeof import('vitest').expect",
  it: "typeof import('vitest').it",
  AppModule: 'new () => object',
}

/**
 * For each package, more names that its snippets can use without declaring them. They are in addition to
 * `EVERYWHERE`, and replace its types.
 */
const AT_HOME: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(ADAPTERS.flatMap(({ name, app }) => (app ? [[name, { app }]] : []))),
  core: { requireMaskinportenScope: "typeof import('@portvakt/express').requireMaskinportenScope" },
  mock: { requireMaskinportenScope: "typeof import('@portvakt/express').requireMaskinportenScope" },
  nestjs: {
    APP_GUARD: "typeof import('@nestjs/core').APP_GUARD",
    Inject: "typeof import('@nestjs/common').Inject",
    Module: "typeof import('@nestjs/common').Module",
    PrometheusController: 'new () => object',
  },
}

/** Types that are imported instead of declared, each with its module. */
const TYPES: Readonly<Record<string, string>> = { ExecutionContext: '@nestjs/common' }

/** The declaration or import of an undeclared name; an empty string for an unknown name. */
export function declarationOf(name: string, home: string): string {
  const type = AT_HOME[home]?.[name] ?? EVERYWHERE[name]
  if (type) return `declare const ${name}: ${type};`
  return TYPES[name] ? `import type { ${name} } from '${TYPES[name]}';` : ''
}
