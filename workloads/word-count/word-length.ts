/** The longest word that is counted, in code points after normalisation; longer ones are `overlongWords`. */
export const MAXIMUM_WORD_CODE_POINTS = 1_024;

/**
 * NFC makes at most 4 code points one (U+1F82 is the longest canonical decomposition; decomposing never shortens a text, and every
 * NFC text decomposes to at most 4 times its length), and lower-casing never makes fewer: so a word of more raw code points than
 * this has more than 1,024 after both, whatever they are, and need not be kept.
 */
export const MAXIMUM_RAW_CODE_POINTS = 4 * MAXIMUM_WORD_CODE_POINTS;
