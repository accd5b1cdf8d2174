/**
 * The API that the page's curl command calls: the address last submitted in the form, or the app last started
 * by `portvakt run`, whichever is later.
 */
export class StartedApi {
  #url = 'http://localhost:3000/'

  /** @param env the environment of the mock's process, in which `PORT` is the app's port */
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
