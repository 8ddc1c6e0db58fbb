/** What a Scan of a table says of itself. */
export interface ScanFigures {
  /** Items that the filter left. */
  readonly returned: number;
  /** Items that were read. */
  readonly scanned: number;
  /** Read capacity units, eventually consistent, as the service says; undefined: it doesn't. */
  readonly consumedReadUnits?: number;
  /** false: the table has more pages than were asked for. */
  readonly isWhole: boolean;
}

/** Counts items of a table the way a person does it in the console. */
export interface TableScan {
  /** @param prefix of the key of items that are meant @param pages at most, of 1 MB each */
  count(prefix: string, pages: number): Promise<ScanFigures>;
}
