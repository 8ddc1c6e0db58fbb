/** CSV as RFC 4180 has it, read without any code of the project: refuses whatever the grammar does. */
export interface Csv {
  readonly header: readonly string[];
  readonly records: readonly (readonly string[])[];
}

/** A field and what ends it. https://www.rfc-editor.org/rfc/rfc4180#section-2 */
const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;

/** @throws Error for anything that is no CSV, or has records of different lengths */
export function parse(text: string): Csv {
  const records: string[][] = [];
  let record: string[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const at = FIELD.lastIndex;
    const match = FIELD.exec(text);
    if (match === null) throw new Error(`no field at character ${at}: ${JSON.stringify(text.slice(at, at + 40))}`);
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === ",") continue;
    records.push(record);
    record = [];
  }
  const [header, ...rest] = records;
  if (header === undefined || record.length > 0) throw new Error("no header, or no line end at the end");
  for (const each of rest) if (each.length !== header.length) throw new Error(`a record of ${each.length} fields`);
  return { header, records: rest };
}
