export interface Expected {
  readonly status: number
  readonly challenge?: string
  readonly caller?: string
}

export interface Call {
  readonly method?: string
  readonly url: string
  readonly token?: string
}

/** Prints calls and answers, and counts unexpected answers. */
export class Show {
  #differences = 0

  get differences(): number {
    return this.#differences
  }

  step(title: string): void {
    console.log(`\n${title}`)
  }

  note(text: string): void {
    console.log(`  · ${text}`)
  }

  async call({ method = 'GET', url, token }: Call, expected: Expected): Promise<void> {
    console.log(`  → ${method} ${new URL(url).pathname}${token ? '  Authorization: Bearer …' : ''}`)
    const response = await fetch(url, {
      method,
      ...(token && { headers: { authorization: `Bearer ${token}` } }),
    })
    const body = await response.json()
    console.log(`  ← ${response.status} ${body.reason ?? 'OK'}`)
    const challenge = response.headers.get('www-authenticate') ?? undefined
    if (challenge) console.log(`    WWW-Authenticate: ${challenge}`)
    const caller = response.ok ? describe(body) : undefined
    if (caller) console.log(`    called by ${caller}`)

    this.#compare('status', response.status, expected.status)
    this.#compare('challenge', challenge, expected.challenge)
    this.#compare('caller', caller, expected.caller)
  }

  #compare(what: string, actual: unknown, expected: unknown): void {
    if (actual === expected) return
    this.#differences++
    console.log(`  ✗ the ${what} should have been ${expected}, and was ${actual}`)
  }
}

function describe(body: { consumer: string; supplier?: string; scopes: string[] }): string {
  const through = body.supplier ? ` through supplier ${body.supplier}` : ''
  return `consumer ${body.consumer}${through} with ${body.scopes.join(' ')}`
}
