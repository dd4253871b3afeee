/** Why a document cannot be sent, in one plain sentence that names the document. */
export class DocumentError extends Error {
  readonly hint: string | undefined
  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DocumentError'
    this.hint = hint
  }
}
