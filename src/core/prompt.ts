import type { CacheTtl } from './job.ts'
import type { Json, JsonObject } from './json.ts'

/** What kind of thing a document's bytes are, found by looking at them. */
export type DocumentKind = 'pdf' | 'image' | 'text'

/** Where a document's bytes are and what they were at planning; never the bytes. */
export interface DocumentRef {
  /** Relative to the project root; or, for a PDF cut to `pages`, relative to the run's own folder. */
  readonly path: string
  readonly base: 'root' | 'run'
  readonly kind: DocumentKind
  /** application/pdf, image/png, text/plain … */
  readonly mediaType: string
  /** Size of the file in bytes and the sha256 of its bytes in hex. */
  readonly size: number
  readonly digest: string
  /** How the bytes stand inside their JSON string: base64, or as escaped text. */
  readonly encoding: 'base64' | 'text'
  /** Length in bytes between the quotes of that JSON string. */
  readonly bytes: number
  /**
   * Sent through the provider's Files API: what stands between the quotes is the id of the uploaded file. It is known only
   * when the request is sent; `bytes` is the room that the plan keeps for it.
   */
  readonly upload?: 'files'
  /** A PDF's pages, an image's pixels: for estimates and limits. */
  readonly pages?: number
  /** Of a PDF: bytes of text on its pages, as a sample of them lets expect. */
  readonly textBytes?: number
  readonly width?: number
  readonly height?: number
}

export type PromptSource =
  | { readonly type: 'base64'; readonly data: string }
  | { readonly type: 'text'; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file'; readonly fileId: string }

export type PromptPart =
  | { readonly type: 'text'; readonly text: string; readonly cache?: CacheTtl }
  | {
      readonly type: 'document'
      readonly kind: DocumentKind
      readonly mediaType: string
      readonly source: PromptSource
      readonly title?: string
      readonly context?: string
      readonly citations: boolean
      readonly cache?: CacheTtl
    }

export interface PromptMessage {
  readonly role: 'user' | 'assistant'
  readonly content: readonly PromptPart[]
}

/** What to ask, in no provider's dialect yet: the rendered messages, documents and tools. */
export interface Prompt {
  readonly model: string
  readonly params: JsonObject
  readonly system: readonly { readonly text: string; readonly cache?: CacheTtl }[]
  readonly messages: readonly PromptMessage[]
  readonly tools: readonly PromptTool[]
  /** The answer must be JSON of this schema, by the provider's own means. Absent for mode `prompt`: it is in the text. */
  readonly output?: { readonly mode: 'structured' | 'tool'; readonly schema: JsonObject }
}

export type PromptTool =
  | { readonly type: 'client'; readonly name: string; readonly description?: string; readonly inputSchema: JsonObject }
  | { readonly type: 'server'; readonly definition: JsonObject }

/** Something a follow-up adds to the conversation: what the model said, then what we say to it. */
export type FollowUpEdit =
  | { readonly type: 'more_room'; readonly maxTokens: number }
  | { readonly type: 'append'; readonly messages: readonly { role: 'user' | 'assistant'; content: Json }[] }

/** The name of the tool that carries the answer in output mode `tool`: what is sent and what is read must agree. */
export const ANSWER_TOOL = 'answer'
