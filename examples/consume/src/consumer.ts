import { createMaskinportenClient } from '@portvakt/client'

/**
 * An application that calls another organisation's API. The variables of the environment decide whether its
 * tokens come from Maskinporten or from Texas.
 */
export function createConsumer(api: string) {
  const call = createMaskinportenClient().fetch({ scope: 'portvakt:demo.read' })

  return {
    async vedtak(): Promise<unknown> {
      const response = await call(`${api}/vedtak`)
      if (!response.ok) throw new Error(`The API answered ${response.status}`)
      return response.json()
    },
  }
}
