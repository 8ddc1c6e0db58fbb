/** The end of an alarm's description: where it is told what to do. */
export const runbookHint = (section: string): string => ` (docs/runbook.md#${section})`;
