/** The API that the page's curl command calls: as last submitted, or as last started by `portvakt run`. */
export class StartedApi {
  #url = 'http://localhost:3000/'

  /** @param env the variables of a mock in the app's own process, or of `portvakt run` */
  constructor(env: Readonly<Record<string, string | undefined>>) {
    const port = Number(env['PORT'])
    if (isPort(port)) this.started(port)
  }

  get url(): string {
    return this.#url
  }

  submitted(url: string): void {
    this.#url = url
  }

  /** @throws {TypeError} when the value is not a port */
  started(port: unknown): void {
    if (!isPort(port)) throw new TypeError('`port` must be a whole number from 1 to 65535')
    this.#url = `http://localhost:${port}/`
  }
}

function isPort(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65_536
}
