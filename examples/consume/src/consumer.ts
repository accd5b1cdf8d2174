import { createMaskinportenClient } from '@portvakt/client'

/** An application that calls another organisation's API. Configuration decides where it gets tokens. */
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
