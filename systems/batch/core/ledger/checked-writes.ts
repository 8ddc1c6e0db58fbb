import { z } from "zod";
import type { Row, RowChange, RowKey, RowValue } from "../../../../kit/ports/row-store";
import { schemaProblem } from "../../../../kit/lib/schema-problem";

/**
 * A row was about to be stored that nobody could read again: a mistake of the program, or of what it was given. Nothing was written.
 */
export class RowRefusedError extends Error {
  public override readonly name = "RowRefusedError";
  public readonly fix = "nothing was stored; report it with this message, since no input should come to this";
  public constructor({ pk, sk }: RowKey, problem: string) {
    super(`row ${pk} / ${sk} is not written: ${problem.replaceAll(/\s+/g, " ")}`);
  }
}

/** A whole row, if the schema that reads it takes it. @throws RowRefusedError */
export function checkedRow(schema: z.ZodType, key: RowKey, row: Row): Row {
  const parsed = schema.safeParse(row);
  if (parsed.success) return row;
  throw new RowRefusedError(key, schemaProblem(parsed.error));
}

/**
 * A change of a row, if the schema that reads the row takes each of its values. Numbers are only counted up.
 *
 * @param schema of the row as it is stored, every attribute that may be written included
 * @throws RowRefusedError
 */
export function checkedChange(schema: z.ZodObject, key: RowKey, change: RowChange): RowChange {
  const { add = {}, append = {}, remove = [], set = {}, setIfAbsent = {} } = change;
  const fields = new Fields(schema, key);
  for (const [name, value] of [...Object.entries(set), ...Object.entries(setIfAbsent)]) fields.check(name, value);
  for (const [name, amount] of Object.entries(add)) fields.checkAmount(name, amount);
  for (const [name, entries] of Object.entries(append)) fields.check(name, entries);
  for (const name of remove) fields.checkRemoval(name);
  return change;
}

class Fields {
  public constructor(
    private readonly schema: z.ZodObject,
    private readonly key: RowKey,
  ) {}

  public check(name: string, value: RowValue): void {
    const parsed = z.safeParse(this.of(name), value);
    if (!parsed.success) throw new RowRefusedError(this.key, `${name}: ${schemaProblem(parsed.error)}`);
  }

  public checkAmount(name: string, amount: number): void {
    this.of(name);
    if (!Number.isSafeInteger(amount) || amount < 0) {
      throw new RowRefusedError(this.key, `${name}: ${amount} is no whole number from 0 on that could be added`);
    }
  }

  public checkRemoval(name: string): void {
    if (!z.safeParse(this.of(name), undefined).success) throw new RowRefusedError(this.key, `${name}: no row can do without it`);
  }

  private of(name: string): z.core.$ZodType {
    const field = (this.schema.shape as Readonly<Record<string, z.core.$ZodType | undefined>>)[name];
    if (field === undefined) throw new RowRefusedError(this.key, `${name}: no attribute of this kind of row`);
    return field;
  }
}
