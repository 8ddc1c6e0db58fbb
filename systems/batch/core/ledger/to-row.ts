import type { Row } from "../../../../kit/ports/row-store";

/** A record of the contracts, which are all JSON, as a row: attributes that are undefined are left out, at any depth. */
export const toRow = (record: object): Row => JSON.parse(JSON.stringify(record)) as Row;
