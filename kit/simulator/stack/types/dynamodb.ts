import { z } from "zod";
import { optionalText, text } from "../../../graph/arguments";
import { simulatedArn } from "../../place";
import { memoryType } from "../memory-type";

export interface StackTable {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey?: string;
}

export const tableType = memoryType({
  arguments: z.object({ name: text, hash_key: text, range_key: optionalText }),
  attributes: ({ name }) => ({ id: name, arn: simulatedArn("dynamodb", `table/${name}`) }),
  describe: ({ hash_key: hashKey, name, range_key: rangeKey }): StackTable => ({
    name,
    hashKey,
    ...(rangeKey === undefined ? {} : { rangeKey }),
  }),
  ignores: {
    attribute: "keys are texts",
    billing_mode: "what limits writes in a world is drawn, and smaller than on demand",
    deletion_protection_enabled: "no world is destroyed",
    point_in_time_recovery: "nobody restores a table in a world",
    ttl: "a world ends before a row does: rows live for weeks",
  },
});

export const DYNAMODB_TYPES = { aws_dynamodb_table: tableType };
