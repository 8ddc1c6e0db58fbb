/**
 * Whether text is a JSON document as a synthesis writes one, policies or a state machine; other text may begin with a bracket too, as a log
 * filter's pattern does.
 */
export const isJsonText = (value: unknown): value is string => typeof value === "string" && /^(?:\{["}]|\[["{\]])/.test(value);
