import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'

const ROOT = new URL('../../', import.meta.url)

const MEASURED = [
  ...['express', 'koa', 'fastify', 'hono', '@hono/node-server', 'jose', 'fast-jwt', 'aws-jwt-verify'],
  ...['express-oauth2-jwt-bearer', 'express-jwt', 'jwks-rsa', 'koa-jwt', '@fastify/jwt', 'fastify-jwt-jwks'],
]

/** What the figures were measured on and with. */
export function describeEnvironment() {
  return {
    measuredAt: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cpu: `${cpus()[0]?.model} × ${cpus().length}`,
    memory: totalmem(),
    /** Of the last minute: above 0.5, others were at work when the run began. */
    loadBefore: loadavg()[0],
    versions: Object.fromEntries(MEASURED.map((name) => [name, versionOf(name)])),
  }
}

/** Absent where the source was not cloned. */
function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, ROOT), 'utf8')).version
}
