// A consumer as deployed in production, without any code for a mock.
import { createMaskinportenClient } from '@portvakt/client'

const call = createMaskinportenClient().fetch({ scope: 'nav:helse/sykepenger/afp.read' })
const response = await call(process.env.API_URL)
process.stdout.write(`${response.status} ${await response.text()}\n`)
