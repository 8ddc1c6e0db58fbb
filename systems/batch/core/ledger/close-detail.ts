/** A detail goes into the completion message; a stack trace in it helps nobody, and its row holds 400 KB at most. */
const MAXIMUM_DETAIL_CHARACTERS = 1_000;

/** The beginning of what is to be said, cut between characters: half a surrogate pair can't be stored as UTF-8. */
export const closeDetail = (text: string): string => Array.from(text).slice(0, MAXIMUM_DETAIL_CHARACTERS).join("");
