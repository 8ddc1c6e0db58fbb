import { stringify } from "csv-stringify/sync";
import { printable } from "../../lib/printable";

/** A column: its name, and what a row has in it; nothing leaves the field empty. */
export type CsvColumn<Row> = readonly [name: string, valueOf: (row: Row) => string | number | boolean | undefined];

/** Rows of one piece of text: some ten thousand characters, so that writing them costs little. */
const ROWS_PER_PIECE = 500;

/**
 * Rows as CSV of RFC 4180, piece by piece: UTF-8 without a byte order mark, a header, lines end with CR LF. A text that a spreadsheet
 * would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or CR) gets a `'` before it, for names of files come from whoever
 * uploads them. For a terminal fields are made safe, and lines end with LF.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4180
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export async function* csvText<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: Iterable<Row> | AsyncIterable<Row>,
  { forTerminal = false }: { readonly forTerminal?: boolean } = {},
): AsyncGenerator<string, void> {
  const textOf = (value: ReturnType<CsvColumn<Row>[1]>): string | number => {
    if (typeof value === "number") return value;
    const text = String(value ?? "");
    return forTerminal ? printable(text) : text;
  };
  let records: (string | number)[][] = [columns.map(([name]) => name)];
  const piece = (): string => stringify(records, { ...RFC_4180, record_delimiter: forTerminal ? "\n" : "\r\n" });
  for await (const row of rows) {
    records.push(columns.map(([, valueOf]) => textOf(valueOf(row))));
    if (records.length < ROWS_PER_PIECE) continue;
    yield piece();
    records = [];
  }
  if (records.length > 0) yield piece();
}

/** A line end of any kind within a field has to be quoted; the library looks for the whole delimiter only. */
const RFC_4180 = { escape_formulas: true, quoted_match: /[\r\n]/ } as const;
