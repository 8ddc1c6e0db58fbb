import fc from "fast-check";
import { Heap } from "../../../kit/lib/heap";

/** A push of a number, a pop, or a number put in the first one's place. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("push" as const), value: fc.integer() }),
  fc.record({ kind: fc.constant("replace" as const), value: fc.integer() }),
  fc.record({ kind: fc.constant("pop" as const), value: fc.constant(0) }),
);

test("whatever is put in, replaced and taken out: the first is the least of all that is in it", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const model: number[] = [];
      for (const { kind, value } of steps) {
        const taken = kind === "push" ? [] : [kind === "pop" ? heap.pop() : heap.first];
        expect(taken).toEqual(kind === "push" ? [] : [model[0]]);
        if (kind !== "push") model.shift();
        if (kind === "replace" && heap.size > 0) heap.replaceFirst(value);
        else if (kind !== "pop") heap.push(value);
        if (kind !== "pop") model.push(value);
        model.sort((a, b) => a - b);
        expect([heap.first, heap.size]).toEqual([model[0], model.length]);
      }
      expect([...heap.values()].sort((a, b) => a - b)).toEqual(model);
    }),
  );
});
