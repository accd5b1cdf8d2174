/** The options that name the issuer and its token endpoint. */
export interface EndpointOptions {
  /** One of Digdir's environments. */
  readonly environment?: 'prod' | 'test'
  /** Another issuer, exactly as its metadata and its tokens have it, trailing slash included. */
  readonly issuer?: string
  /** Default: the one that the issuer's metadata names. */
  readonly tokenEndpoint?: string
  /**
   * Allows `http:` for an issuer that is on `http:` itself, for a token endpoint on its host, and for Texas
   * (docker compose). Default false: `http:` only on loopback. Refused with production, however production is
   * named. API calls are not affected.
   */
  readonly insecureHttp?: boolean
}
