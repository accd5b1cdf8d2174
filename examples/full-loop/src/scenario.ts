import { createMaskinportenValidator } from '@portvakt/express'
import { createTestClock, type MockClientRegistration, startMockMaskinporten } from '@portvakt/mock'
import { createApi, serve } from './api.js'
import { createConsumer } from './consumer.js'
import { Show } from './show.js'

export const READ = 'portvakt:vedtak.read'
export const WRITE = 'portvakt:vedtak.write'

/** The numbers of synthetic organisations. */
export const MUNICIPALITY = '314330897'
export const SUPPLIER = '310385980'
export const HOSPITAL = '313367002'

const INVALID_TOKEN = 'Bearer realm="maskinporten", error="invalid_token"'

/** Plays the whole scenario. Returns the number of unexpected answers. */
export async function playScenario(): Promise<number> {
  const show = new Show()
  const clock = createTestClock()
  const maskinporten = await startMockMaskinporten({
    clock,
    scopes: [{ name: READ }, { name: WRITE }],
  })
  // As on NAIS, the variables are set before the application is configured.
  Object.assign(process.env, maskinporten.env)
  const validator = createMaskinportenValidator({ clock })
  const api = await serve(createApi(validator, [MUNICIPALITY]))
  const vedtak = `${api.url}/vedtak`
  console.log(`Maskinporten (mock) ${maskinporten.url}\nAPI (Express)       ${api.url}`)

  const register = async (client: MockClientRegistration) =>
    createConsumer(await maskinporten.addClient(client), clock)
  const [municipality, hospital, supplier] = await Promise.all([
    register({ organisationNumber: MUNICIPALITY, scopes: [READ, WRITE] }),
    register({ organisationNumber: HOSPITAL, scopes: [READ, WRITE] }),
    register({
      organisationNumber: SUPPLIER,
      scopes: [READ],
      delegations: [{ consumer: HOSPITAL, scopes: [READ] }],
    }),
  ])

  try {
    show.step('A token with the right scope is allowed')
    const { accessToken: token } = await municipality.getToken({ scope: READ })
    await show.call({ url: vedtak, token }, { status: 200, caller: `consumer ${MUNICIPALITY} with ${READ}` })

    show.step('A call without a token: the challenge names the kind of token')
    await show.call({ url: vedtak }, { status: 401, challenge: 'Bearer realm="maskinporten"' })

    show.step('A changed token')
    await show.call({ url: vedtak, token: tampered(token) }, { status: 401, challenge: INVALID_TOKEN })

    show.step('The same token 131 seconds later: its lifetime is 120 s, and the clock tolerance 10 s')
    clock.advance(131)
    await show.call({ url: vedtak, token }, { status: 401, challenge: INVALID_TOKEN })

    show.step('A token without the scope of this operation')
    const { accessToken: reader } = await municipality.getToken({ scope: READ })
    await show.call(
      { method: 'POST', url: vedtak, token: reader },
      { status: 403, challenge: `Bearer realm="maskinporten", error="insufficient_scope", scope="${WRITE}"` },
    )

    show.step('The right scopes, but a consumer outside the list of this route')
    const { accessToken: outsider } = await hospital.getToken({ scope: [READ, WRITE] })
    await show.call({ method: 'POST', url: vedtak, token: outsider }, { status: 403 })

    show.step('A supplier calls on behalf of a customer that has delegated access to it')
    const acting = supplier.for({ consumerOrg: HOSPITAL })
    const { accessToken: delegated } = await acting.getToken({ scope: READ })
    await show.call(
      { url: vedtak, token: delegated },
      { status: 200, caller: `consumer ${HOSPITAL} through supplier ${SUPPLIER} with ${READ}` },
    )

    show.step('Maskinporten changes its signing key: neither the old nor the new token is refused')
    const { accessToken: before } = await municipality.getToken({ scope: READ })
    await maskinporten.rotateKeys({ keepOld: true })
    const { accessToken: after } = await municipality.getToken({ scope: READ, skipCache: true })
    for (const [kind, either] of [['old', before] as const, ['new', after] as const]) {
      show.note(`signed with the ${kind} key`)
      await show.call(
        { url: vedtak, token: either },
        { status: 200, caller: `consumer ${MUNICIPALITY} with ${READ}` },
      )
    }

    show.step('Maskinporten’s key endpoint is down, 20 minutes after the keys were fetched')
    await maskinporten.close()
    clock.advance(20 * 60)
    const late = await maskinporten.issueToken({ scope: READ, consumer: MUNICIPALITY })
    await show.call(
      { url: vedtak, token: late },
      { status: 200, caller: `consumer ${MUNICIPALITY} with ${READ}` },
    )
    const { usable, keyAge = 0, lastFailure } = validator.health()
    show.note(
      `health: usable ${usable}, keys ${Math.round(keyAge / 60)} min old, last failure ${lastFailure?.reason}`,
    )
  } finally {
    api.server.close()
    api.server.closeAllConnections()
    await maskinporten.close()
  }
  return show.differences
}

/** Returns the token with another scope and the original signature. */
function tampered(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const changed = Buffer.from(JSON.stringify({ ...claims, scope: WRITE })).toString('base64url')
  return [header, changed, signature].join('.')
}
