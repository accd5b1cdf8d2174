/** The options that name the issuer and its token endpoint. */
export interface EndpointOptions {
  /** One of Digdir's environments. */
  readonly environment?: 'prod' | 'test'
  /**
   * An issuer that is not Digdir's, written exactly as in its metadata and tokens, including any trailing
   * slash.
   */
  readonly issuer?: string
  /** The issuer's token endpoint. Default: the endpoint in the issuer's metadata. */
  readonly tokenEndpoint?: string
  /**
   * Allows `http:` for the issuer, for Texas, and for a token endpoint and an Altinn platform on the issuer's
   * origin, for example in docker compose. Default false: `http:` is allowed only on loopback. Refused if
   * options or variables select the production environment. Does not affect API calls.
   */
  readonly insecureHttp?: boolean
}
