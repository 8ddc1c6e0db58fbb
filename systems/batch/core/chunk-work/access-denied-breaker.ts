import type { GenerationRef } from "../../contracts/batch";

/** Files denied in a row after which it is the role that is wrong, not the files (docs/adr/0002-ledger.md). */
const DENIED_IN_A_ROW = 3;

/** Counts files that a worker was denied, one after the other. */
export class AccessDeniedBreaker {
  private readonly denied = new Map<string, Set<string>>();

  /** @returns true when this makes three different files in a row: the generation must be closed */
  public record(ref: GenerationRef, file: string, wasDenied: boolean): boolean {
    const id = `${ref.batchId}#${ref.generation}`;
    if (!wasDenied) {
      this.denied.delete(id);
      return false;
    }
    const files = this.denied.get(id) ?? new Set<string>();
    files.add(file);
    this.denied.set(id, files);
    return files.size >= DENIED_IN_A_ROW;
  }
}
