/** The package does not publish types. */
declare module '@vtfk/maskinporten-auth' {
  interface Options {
    readonly url: string
    readonly audience: string
    readonly issuer: string
    readonly scope: string
  }
  /** A key in PEM or a PKCS#12 file, encoded in base64. */
  export type Key =
    | { readonly pemcert: string; readonly pemprivateKey: string }
    | { readonly pfxcert: string; readonly privateKeyPassphrase: string }
  export default function getToken(options: Options & Key): Promise<{ readonly access_token: string }>
}
