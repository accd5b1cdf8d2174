// An API that calls itself without a token and then ends. It has no code for a mock or for NODE_DEBUG.
import { requireMaskinportenScope } from '@portvakt/express'
import express from 'express'

const server = express()
  .use('/vedtak', requireMaskinportenScope('nav:x.read'))
  .listen(0, '127.0.0.1', async () => {
    const url = `http://127.0.0.1:${server.address().port}/vedtak/01010199999/1?fnr=01010199999`
    const { status } = await fetch(url, { headers: { connection: 'close' } })
    process.stdout.write(`${status} ${process.env.NODE_DEBUG}\n`)
    server.close()
  })
