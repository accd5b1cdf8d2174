import { createInterface } from 'node:readline'
import { createMaskinportenValidator } from '@portvakt/express'
import { startMockMaskinporten } from '@portvakt/mock'
import { createApi, serve } from './api.js'
import { HOSPITAL, MUNICIPALITY, READ, WRITE } from './scenario.js'

/** Keeps the mock and the API running, for use from a terminal. */
export async function keepServing(): Promise<void> {
  const maskinporten = await startMockMaskinporten()
  Object.assign(process.env, maskinporten.env)
  const validator = createMaskinportenValidator({
    onDecision: ({ allowed, reason, consumer, keyId }) =>
      console.log(
        allowed ? `allowed ${consumer?.organisationNumber}` : `refused ${reason}`,
        `key ${keyId ?? '-'}`,
      ),
  })
  const { url } = await serve(createApi(validator, [MUNICIPALITY]))

  async function printLines(): Promise<void> {
    const expiresIn = 3600
    const curl = async (title: string, method: string, scope: string, consumer: string) => {
      const token = await maskinporten.issueToken({ scope, consumer, expiresIn })
      console.log(`\n# ${title}\ncurl -i -X ${method} -H 'Authorization: Bearer ${token}' ${url}/vedtak`)
    }
    console.log(`\nMaskinporten (mock) ${maskinporten.url}\nAPI (Express)       ${url}`)
    console.log(`\n# 401: no token\ncurl -i ${url}/vedtak`)
    await curl('200', 'GET', READ, MUNICIPALITY)
    await curl('403: the scope is missing', 'POST', READ, MUNICIPALITY)
    await curl('200', 'POST', `${READ} ${WRITE}`, MUNICIPALITY)
    await curl('403: not on the list of this route', 'POST', `${READ} ${WRITE}`, HOSPITAL)
    console.log('\nThe tokens live for an hour. Enter prints fresh ones, Ctrl+C ends.')
  }

  await printLines()
  createInterface({ input: process.stdin }).on('line', () => void printLines())
}
