/** A condition in the status of a MaskinportenClient, as `kubectl get maskinportenclient` shows it. */
export interface AppCondition {
  readonly type: 'InvalidConsumedScopes'
  readonly status: 'True'
  readonly reason: 'Failed'
  /** Names the scopes. */
  readonly message: string
}

/** In the words of digdirator (3dbead6, 2024-10). */
export function conditionsOf(dropped: readonly string[]): readonly AppCondition[] {
  if (dropped.length === 0) return []
  const message = `Organization has no access to scopes: [${dropped.join(', ')}]`
  return [{ type: 'InvalidConsumedScopes', status: 'True', reason: 'Failed', message }]
}
