import { z } from "zod";
import { generationRefSchema, type GenerationRef } from "../../contracts/batch";
import type { Row, RowStore } from "../../../../kit/ports/row-store";
import { changeRow } from "./change-row";
import { PLACES_KEY } from "./row-keys";
import { readRow } from "./unreadable-row";

const memberSchema = z.string();
const placesRowSchema = z.object({ members: z.array(memberSchema) });

const memberOf = ({ batchId, generation }: GenerationRef): string => `${batchId}#${generation}`;
const membersOf = (row: Row | undefined): readonly string[] => (row === undefined ? [] : readRow(placesRowSchema, row).members);

function refOf(member: string): GenerationRef {
  const [batchId, generation] = member.split("#");
  return generationRefSchema.parse({ batchId, generation: Number(generation) });
}

/**
 * The places of an environment's open generations: one row with the list of those that have one. Whoever changes the list has seen all
 * of it, so there are never more than `maximum`; who finds itself in it has its place already, whichever reply was lost.
 */
export class PlaceRows {
  public constructor(private readonly rows: RowStore) {}

  public async take(ref: GenerationRef, maximum: number): Promise<boolean> {
    const member = memberOf(ref);
    return changeRow(this.rows, PLACES_KEY, await this.rows.get(PLACES_KEY), (row) => {
      const members = membersOf(row);
      if (members.includes(member)) return { answer: true };
      if (members.length >= maximum) return { answer: false };
      return { change: { append: { members: [member] } } };
    });
  }

  public async leave(ref: GenerationRef): Promise<void> {
    const member = memberOf(ref);
    await changeRow(this.rows, PLACES_KEY, await this.rows.get(PLACES_KEY), (row) => {
      const members = membersOf(row);
      if (!members.includes(member)) return { answer: undefined };
      return { change: { set: { members: members.filter((other) => other !== member) } } };
    });
  }

  public async taken(): Promise<GenerationRef[]> {
    return membersOf(await this.rows.get(PLACES_KEY)).map(refOf);
  }
}
