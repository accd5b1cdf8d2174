import type { MaskinportenValidator } from '@portvakt/express'
import { Gauge, type Registry } from 'prom-client'

/** Reads the validator's health whenever the metrics are read. `health()` also fetches missing keys. */
export function measureKeys(registry: Registry, validator: MaskinportenValidator): void {
  const registers = [registry]
  new Gauge({
    name: 'maskinporten_keys_usable',
    help: '1 when tokens can be verified, else 0',
    registers,
    collect() {
      this.set(validator.health().usable ? 1 : 0)
    },
  })
  new Gauge({
    name: 'maskinporten_key_age_seconds',
    help: 'Since the keys were fetched; NaN while there are none',
    registers,
    collect() {
      this.set(validator.health().keyAge ?? Number.NaN)
    },
  })
  new Gauge({
    name: 'maskinporten_key_fetch_failing',
    help: '1, by reason, when the latest attempt to reach Maskinporten or Texas failed',
    labelNames: ['failure'],
    registers,
    collect() {
      this.reset()
      const { lastFailure } = validator.health()
      if (lastFailure) this.set({ failure: lastFailure.reason }, 1)
    },
  })
}
