/**
 * A binary heap: gives its values in order, without keeping them sorted. `isBefore` must be a strict order; values of which neither is
 * before the other come in any order.
 */
export class Heap<T> {
  readonly #values: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  public constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  public get size(): number {
    return this.#values.length;
  }

  /** The first value; undefined when there is none. */
  public get first(): T | undefined {
    return this.#values[0];
  }

  /** In no order. */
  public values(): readonly T[] {
    return this.#values;
  }

  public push(value: T): void {
    const values = this.#values;
    let at = values.length;
    values.push(value);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = values[above];
      if (parent === undefined || !this.#isBefore(value, parent)) break;
      values[at] = parent;
      at = above;
    }
    values[at] = value;
  }

  /** Takes the first value out. */
  public pop(): T | undefined {
    const first = this.#values[0];
    const last = this.#values.pop();
    if (last !== undefined && this.#values.length > 0) this.replaceFirst(last);
    return first;
  }

  /** Puts a value in the first one's place, and then where it belongs: also the first one itself, after it has changed. */
  public replaceFirst(value: T): void {
    const values = this.#values;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = values[below];
      const right = values[below + 1];
      if (child !== undefined && right !== undefined && this.#isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (child === undefined || !this.#isBefore(child, value)) break;
      values[at] = child;
      at = below;
    }
    values[at] = value;
  }
}
