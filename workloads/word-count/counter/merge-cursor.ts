import { commonLength, type Cursor } from "./cursor";

/** In place of what a source shares with the last word: it is at its end. Less than all, so that it loses against every other. */
const ENDED = -1;

/**
 * Merges ascending cursors into one in which each word comes once, with the sum of its counts. Closes its sources with itself.
 *
 * A tournament tree of losers (Knuth, The Art of Computer Programming 3, 5.4.1) that knows of each source how many bytes its word shares
 * with the last word that came out: of two the one that shares more comes first, and only when they share as many are bytes compared, from
 * there on (Bingmann et al., https://arxiv.org/abs/1305.1157). So each byte is looked at about once, however many sources there are.
 */
export class MergeCursor implements Cursor {
  public bytes: Uint8Array = new Uint8Array(64);
  public readonly start = 0;
  public length = 0;
  public count = 0;
  public shared = 0;
  /** Of each inner node, from 1 on, the source that lost there. Source `s` enters below node `(s + number of sources) / 2`. */
  private readonly losers: Int32Array;
  /** Of each source, the bytes that its word has in common with the last one that came out. */
  private readonly common: Int32Array;
  private winner = 0;

  private constructor(private readonly sources: readonly Cursor[]) {
    this.losers = new Int32Array(sources.length);
    this.common = new Int32Array(sources.length);
  }

  /** Takes the cursors over, also when it fails. */
  public static async of(sources: readonly Cursor[]): Promise<MergeCursor> {
    const merged = new MergeCursor(sources);
    try {
      for (const [index, source] of sources.entries()) merged.common[index] = (await source.advance()) ? 0 : ENDED;
      if (sources.length > 0) merged.winner = merged.winnerBelow(1);
    } catch (error) {
      await merged.close();
      throw error;
    }
    return merged;
  }

  public advance(): boolean | Promise<boolean> {
    const shared = this.common[this.winner] ?? ENDED;
    const head = this.sources[this.winner];
    if (shared === ENDED || head === undefined) return false;
    const { bytes: from, length, start } = head;
    if (length > this.bytes.length) this.enlarge(length);
    const { bytes } = this;
    for (let at = shared; at < length; at += 1) bytes[at] = from[start + at] ?? 0;
    this.shared = shared;
    this.length = length;
    this.count = 0;
    return this.takeEqual(head);
  }

  public async close(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.close()));
  }

  /** Adds up all sources that stand on the current word and moves them on. */
  private takeEqual(first: Cursor): boolean | Promise<boolean> {
    let head: Cursor | undefined = first;
    while (head !== undefined) {
      this.count += head.count;
      const step = head.advance();
      if (typeof step !== "boolean") return this.takeRest(head, step);
      head = this.settle(head, step);
    }
    return true;
  }

  private async takeRest(head: Cursor, step: Promise<boolean>): Promise<boolean> {
    const next = this.settle(head, await step);
    return next === undefined || this.takeEqual(next);
  }

  /** Puts the winner where it belongs after it moved on. @returns the next one if it stands on the current word too */
  private settle(head: Cursor, more: boolean): Cursor | undefined {
    const { common, losers } = this;
    let winner = this.winner;
    let shared = more ? head.shared : ENDED;
    common[winner] = shared;
    for (let node = (winner + losers.length) >> 1; node > 0; node >>= 1) {
      const other = losers[node] ?? 0;
      const otherShared = common[other] ?? ENDED;
      // nearly all matches end here
      if (otherShared < shared || (otherShared === shared && !this.isBefore(other, winner))) continue;
      losers[node] = winner;
      winner = other;
      shared = otherShared;
    }
    this.winner = winner;
    // in order and all of it shared: it is the same
    const next = shared === this.length ? this.sources[winner] : undefined;
    return next?.length === this.length ? next : undefined;
  }

  /** Of two sources; the one that is not before knows afterwards what it shares with the other. */
  private isBefore(one: number, other: number): boolean {
    const { common } = this;
    const shared = common[one] ?? ENDED;
    const otherShared = common[other] ?? ENDED;
    if (shared !== otherShared) return shared > otherShared;
    const a = this.sources[one];
    const b = this.sources[other];
    if (shared === ENDED || a === undefined || b === undefined) return false;
    const both = commonLength(a, b, shared);
    const isBefore =
      both === a.length ? both < b.length : both < b.length && (a.bytes[a.start + both] ?? 0) < (b.bytes[b.start + both] ?? 0);
    common[isBefore ? other : one] = both;
    return isBefore;
  }

  private winnerBelow(node: number): number {
    const { losers } = this;
    if (node >= losers.length) return node - losers.length;
    const left = this.winnerBelow(2 * node);
    const right = this.winnerBelow(2 * node + 1);
    const isRight = this.isBefore(right, left);
    losers[node] = isRight ? left : right;
    return isRight ? right : left;
  }

  private enlarge(length: number): void {
    const bytes = new Uint8Array(2 * length);
    bytes.set(this.bytes);
    this.bytes = bytes;
  }
}
