/**
 * Whether Maskinporten and Texas may be reached by `http:`. Only the compose file sets the variable. The
 * validator and the client throw at startup if this value is true and the issuer is the production issuer.
 */
export const insecureHttp = process.env['MASKINPORTEN_INSECURE_HTTP'] === 'true'
