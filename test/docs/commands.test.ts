import { expect, it } from 'vitest'
import { blocksOf, read, TEXTS } from './blocks.js'

/** The commands in the texts. For each: the file that runs it, and the code in that file that does so. */
const RUN: readonly [command: RegExp, where: string, what: RegExp][] = [
  [
    /^npx -y pnpm@12 (demo|test)$/,
    'test/packaging/first-hour.mjs',
    /readme\('Try it without network', 'sh'\)/,
  ],
  [/^npm install (--save-dev )?@portvakt\/\w+$/, 'test/packaging/project.ts', /'npm', 'install'/],
  [
    /^(npx (--no-install portvakt|@portvakt\/cli) run --expose|curl (-i )?-H) /,
    'test/packaging/first-hour.mjs',
    /readme\('Try it without network', 'sh'\)/,
  ],
  [/^openssl pkcs12 -in /, 'packages/client/test/key-forms.test.ts', /openssl\(\.\.\.recipe/],
  [
    /^npx (--no-install portvakt|@portvakt\/cli) (serve|run|token) /,
    'test/cli/cli.test.ts',
    /'serve'|'run'|'token'/,
  ],
]

/** Commands that change a cluster. No test runs them. */
const NOT_RUN = /^kubectl /

it('every command in the texts is run by a test', () => {
  const commands = TEXTS.flatMap(blocksOf)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => code.trim().split('\n'))
    .map((line) => line.replace(/\s+#.*$/, ''))
  expect(commands.length).toBeGreaterThan(10)
  const unknown = commands.filter((command) => {
    if (NOT_RUN.test(command)) return false
    const [, where = '', what] = RUN.find(([pattern]) => pattern.test(command)) ?? []
    return !what?.test(where && read(where))
  })
  expect(unknown).toEqual([])
})
