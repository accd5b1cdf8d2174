import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

const ROOT = new URL('../../../', import.meta.url)

const MEASURED = [
  ...['express', 'koa', 'fastify', 'hono', '@hono/node-server', 'jose', 'fast-jwt', 'aws-jwt-verify'],
  ...['express-oauth2-jwt-bearer', 'express-jwt', 'jwks-rsa', 'koa-jwt', '@fastify/jwt', 'fastify-jwt-jwks'],
]

/** The machine and the versions behind the figures. */
export function describeEnvironment() {
  return {
    measuredAt: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cpu: `${cpus()[0]?.model} × ${cpus().length}`,
    memory: totalmem(),
    /** The load in the minute before the run. A load above 0.5 shows that other processes were active. */
    loadBefore: loadavg()[0],
    versions: Object.fromEntries(MEASURED.map((name) => [name, versionOf(name)])),
  }
}

/** Returns the commit of the source, or undefined if the source is not a clone. */
function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8'))
    .version
}
