/** What happened, as an event of the log: a stable name, fields with units, ids; never payloads or tokens. */
export type LogEvent = (level: "info" | "warn" | "error", event: string, fields: Readonly<Record<string, unknown>>) => void;
