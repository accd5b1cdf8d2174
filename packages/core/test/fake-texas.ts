interface TexasRequest extends RequestInit {
  readonly url: string
}

/** Records the requests to Texas, and answers them with functions that a test can replace. */
export class FakeTexas {
  readonly requests: TexasRequest[] = []
  /** Answers a POST. By default, every token is active, except that of a probe. */
  answer: (token: string) => Response | Promise<Response> = (token) =>
    Response.json({ active: token !== 'probe' })
  /** Answers a GET. */
  answerToGet: () => Response | Promise<Response> = () => new Response(null, { status: 405 })

  /** The tokens that Texas has received, without those of probes. */
  get tokens(): string[] {
    return this.requests.map(tokenIn).filter((token) => token !== undefined && token !== 'probe')
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = { url, method: 'GET', ...init }
    this.requests.push(request)
    const token = tokenIn(request)
    return token === undefined ? this.answerToGet() : this.answer(token)
  }
}

const tokenIn = ({ body }: TexasRequest) => (body ? JSON.parse(String(body)).token : undefined)
