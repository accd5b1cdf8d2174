// @ts-check
/**
 * Every adapter, for the tests and scripts that run once for each adapter. `test/architecture` compares the
 * list with the folders in `packages/`.
 *
 * @typedef {object} Adapter
 * @property {string} name the adapter's folder in `packages/`, and its package name without the scope
 * @property {string} title the framework's name in prose
 * @property {Readonly<Record<string, string>>} peers the adapter's `peerDependencies`
 * @property {readonly string[]} lowest npm specifiers of the lowest supported version of each major in
 *   `peers`; for NestJS, only of its lowest major. An older major has an alias such as `express4`, under
 *   which `test/contract/conformance/hosts` imports it
 * @property {readonly string[]} newest npm specifiers of the newest version of each major in `peers`; for
 *   NestJS, only of its newest major
 * @property {readonly string[]} [types] declarations that TypeScript users of the framework install
 * @property {string} [app] the type of the variable `app` in documentation snippets that do not declare it.
 *   Default: the type of an Express app
 * @property {number} size the maximum size of the tarball, in KiB
 * @property {true} [portable] the adapter supports runtimes other than Node, so its tests also run on Bun and
 *   Deno
 */

/** @param {string} version */
export const nest = (version) =>
  ['common', 'core', 'platform-express', 'platform-fastify', 'testing'].map(
    (part) => `@nestjs/${part}@${version}`,
  )

/** @type {readonly Adapter[]} */
export const ADAPTERS = [
  {
    name: 'express',
    title: 'Express',
    peers: { express: '^4.17.0 || ^5.0.0' },
    lowest: ['express4@npm:express@4.17.0', 'express@5.0.0'],
    newest: ['express4@npm:express@4', 'express@5'],
    types: ['@types/express@5'],
    size: 7,
  },
  {
    name: 'koa',
    title: 'Koa',
    peers: { koa: '^2.13.0 || ^3.0.0' },
    lowest: ['koa2@npm:koa@2.13.0', 'koa@3.0.0'],
    newest: ['koa2@npm:koa@2', 'koa@3'],
    types: ['@types/koa@3'],
    app: "import('koa')",
    size: 7,
  },
  {
    name: 'fastify',
    title: 'Fastify',
    peers: { fastify: '^5.0.0' },
    lowest: ['fastify@5.0.0'],
    newest: ['fastify@5'],
    app: "import('fastify').FastifyInstance",
    size: 15,
  },
  {
    name: 'nestjs',
    title: 'NestJS',
    peers: {
      '@nestjs/common': '^10.0.0 || ^11.0.0 || ^12.0.0',
      '@nestjs/core': '^10.0.0 || ^11.0.0 || ^12.0.0',
    },
    lowest: nest('10.0.0'),
    newest: nest('12'),
    size: 28,
  },
  {
    name: 'hono',
    title: 'Hono',
    peers: { hono: '^4.0.0' },
    // The tests serve Hono with @hono/node-server. Its version 2 needs Hono 4.6.7.
    lowest: ['hono@4.0.0', '@hono/node-server@1'],
    newest: ['hono@4', '@hono/node-server@2'],
    app: "import('hono').Hono",
    size: 7,
    portable: true,
  },
  {
    name: 'fetch',
    title: 'fetch handlers',
    peers: {},
    lowest: [],
    newest: [],
    size: 7,
    portable: true,
  },
]

/** npm specifiers of the newest major of every framework, without the aliased older majors. */
export const NEWEST_FRAMEWORKS = ADAPTERS.flatMap(({ newest }) => newest).filter(
  (dependency) => !dependency.includes('@npm:'),
)
