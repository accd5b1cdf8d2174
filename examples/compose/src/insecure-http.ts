/**
 * Whether Maskinporten and Texas may be reached by `http:`. Only the compose file sets the variable. With
 * production's issuer the validator and the client refuse it at the start.
 */
export const insecureHttp = process.env['MASKINPORTEN_INSECURE_HTTP'] === 'true'
