import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { instructionsOf, wordsOf } from '../../examples/dockerfile.js'
import { run } from './command.mjs'
import { ROOT } from './project.js'
import { freePort, serve } from './serving.mjs'

// This test needs no container engine: it runs each instruction of the Dockerfile in a temporary folder.
const dockerfile = readFileSync(join(ROOT, 'packages/mock/Dockerfile'), 'utf8')
const tarballs = Object.values(inject('tarballs'))
const image = mkdtempSync(join(tmpdir(), 'portvakt-image-'))
afterAll(() => rmSync(image, { recursive: true, force: true }))

beforeAll(() => {
  for (const [name, value] of instructionsOf(dockerfile)) {
    if (name === 'COPY') for (const pattern of value.split(' ').slice(0, -1)) copy(pattern)
    if (name === 'RUN') run(image, 'sh', '-c', value)
  }
})

/** Copies the tarball that matches a pattern such as `tarballs/portvakt-core-*.tgz`. */
function copy(pattern: string): void {
  const [start = '', end = ''] = pattern.replace('tarballs/', '').split('*')
  const found = tarballs.filter((path) => basename(path).startsWith(start) && path.endsWith(end))
  expect(found, pattern).toHaveLength(1)
  for (const path of found) copyFileSync(path, join(image, basename(path)))
}

it('the container image of the mock starts the mock and passes its health check', async () => {
  const port = `${await freePort()}`
  const words = [...wordsOf(dockerfile, 'ENTRYPOINT'), ...wordsOf(dockerfile, 'CMD'), '--port', port]
  const [program = '', ...args] = wordsOf(dockerfile.replaceAll('8089', port), 'HEALTHCHECK')
  const check = () => run(image, program, ...args)
  expect(check).toThrow('Command failed')
  const stop = await serve(image, words.join(' '), `http://127.0.0.1:${port}/jwk`)
  try {
    expect(check()).toBe('')
  } finally {
    await stop()
  }
})
