/** A value as one word of a POSIX shell, quoted where it needs it. */
export const shellWord = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
