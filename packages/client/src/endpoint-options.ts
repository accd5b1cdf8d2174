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
   * Allows `http:` for the issuer and for Texas, for example in docker compose. If the token endpoint or the
   * Altinn platform is on the issuer's origin, `http:` is also allowed for it. Default false: `http:` is
   * allowed only on loopback. Refused if options or variables select the production environment. Does not
   * affect API calls.
   */
  readonly insecureHttp?: boolean
}
