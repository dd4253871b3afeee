/** The API version that we speak unless the job asks for another. */
export const CURRENT_VERSION = '2026-10-21'

/** Every version that the API serves; the older one still takes sampling parameters. */
export const VERSIONS: readonly string[] = [CURRENT_VERSION, '2023-06-01']

/** Lets a request of a batch answer with up to 300,000 tokens, on the models that can. */
export const LONG_OUTPUT_BETA = 'output-300k-2026-03-24'
export const LONG_OUTPUT_TOKENS = 300_000
