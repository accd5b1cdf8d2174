/** The options that name the issuer and its token endpoint. */
export interface EndpointOptions {
  /** One of Digdir's environments. */
  readonly environment?: 'prod' | 'test'
  /** Another issuer, exactly as in its metadata and tokens, including a trailing slash. */
  readonly issuer?: string
  /** Default: the token endpoint in the issuer's metadata. */
  readonly tokenEndpoint?: string
  /**
   * Allows `http:` for an issuer that is on `http:` itself, for a token endpoint on its host, and for Texas
   * (docker compose). Default false: `http:` only on loopback. Refused with the production environment, however
   * it is configured. Does not affect API calls.
   */
  readonly insecureHttp?: boolean
}
