import { createHash } from "node:crypto";
import { BoundWorkload, UnknownWorkloadError, WorkloadOptionsError } from "../../workloads/bound-workload";
import { wordCountOf } from "../support/word-count";

const artefact = (name: string, content: string) => ({
  name,
  key: `artefacts/${name}`,
  sha256: createHash("sha256").update(content).digest("hex"),
  bytes: content.length,
});

describe("what results were made with", () => {
  test("has a name of 16 hexadecimal digits, equal for equal options only", () => {
    const encodings = ["auto", "windows-1252"] as const;
    const names = encodings.flatMap((encoding) =>
      [5, 6].flatMap((minimumWordLength) => [10, 11].map((top) => wordCountOf({ minimumWordLength, top, encoding }).hash)),
    );
    expect(new Set(names).size).toBe(8);
    const text = '["word-count",{"encoding":"auto","minimumWordLength":5,"top":10},[]]';
    expect(names[0]).toBe(createHash("sha256").update(text).digest("hex").slice(0, 16));
    expect(BoundWorkload.of("word-count", { encoding: "auto", top: 10, minimumWordLength: 5 }).hash).toBe(names[0]);
    expect(wordCountOf().hash).toBe(names[0]);
  });

  test("has another name and version for each content that the batch brought along", () => {
    const bound = ["one", "two"].map((content) => BoundWorkload.of("word-count", {}, [artefact("archive", content)]));
    const all = [wordCountOf(), ...bound];
    expect(new Set(all.map(({ hash }) => hash)).size).toBe(3);
    expect(new Set(all.map(({ record }) => record.version)).size).toBe(3);
  });

  test("is the same made again from a batch's row, whatever the order of its keys", () => {
    const bound = BoundWorkload.of("word-count", { top: 3 }, [artefact("archive", "one")]);
    const { options, ...rest } = bound.record;
    const again = BoundWorkload.ofRecord({ ...rest, options: Object.fromEntries(Object.entries(options).reverse()) });
    expect([again.hash, again.record]).toEqual([bound.hash, bound.record]);
  });
});

test("a workload that nobody knows, or options that it does not take, are refused with a way out", () => {
  expect(() => BoundWorkload.of("no-such", {})).toThrow(UnknownWorkloadError);
  expect(new UnknownWorkloadError("no-such").fix).toContain("word-count");
  expect(() => BoundWorkload.of("word-count", { top: 0 })).toThrow(WorkloadOptionsError);
  expect(() => BoundWorkload.of("word-count", { top: 0 })).toThrow("options of workload word-count: ");
});
