import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { z } from "zod";
import type { Value } from "../../../../kit/graph/hcl/expression";
import { FUNCTIONS } from "../../../../kit/graph/hcl/functions";

const BYTES = Buffer.from([0, 255, 10, 65]);
const digest = (algorithm: string, encoding: "hex" | "base64", data: string | Buffer = BYTES): string =>
  createHash(algorithm).update(data).digest(encoding);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), "filemill-functions-"));
  writeFileSync(path.join(directory, "asset.bin"), BYTES);
  writeFileSync(path.join(directory, "text.txt"), "hällo\n");
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const call = (name: string, ...parameters: Value[]): Value => {
  const implementation = FUNCTIONS.get(name);
  if (implementation === undefined) throw new Error(`no function ${name}`);
  return implementation(parameters, directory);
};

/** For each function: calls with the results that Terraform 1.11 gives. */
const CASES: Readonly<Record<string, readonly (readonly [Value[], Value])[]>> = {
  base64encode: [[["hällo"], "aMOkbGxv"]],
  cidrsubnet: [
    [["172.16.0.0/12", 4, 2], "172.18.0.0/16"],
    [["10.1.2.0/24", 4, 15], "10.1.2.240/28"],
    [["255.255.0.0/16", 8, 255], "255.255.255.0/24"],
  ],
  element: [
    [[["a", "b", "c"], 1], "b"],
    [[["a", "b", "c"], 4], "b"],
  ],
  filebase64sha256: [[["asset.bin"], digest("sha256", "base64")]],
  filesha256: [[["asset.bin"], digest("sha256", "hex")]],
  sha256: [[["x"], digest("sha256", "hex", "x")]],
  substr: [
    [["hello world", 1, 4], "ello"],
    [["hello world", -5, -1], "world"],
  ],
};

describe("Terraform functions", () => {
  test("every function has a case, and every case a function", () => {
    expect(FUNCTIONS.size).toBeGreaterThan(0);
    expect(Object.keys(CASES).sort()).toEqual([...FUNCTIONS.keys()].sort());
  });

  test.each(Object.entries(CASES).flatMap(([name, cases]) => cases.map(([parameters, expected]) => ({ name, parameters, expected }))))(
    "$name $parameters",
    ({ name, parameters, expected }) => {
      expect(call(name, ...parameters)).toEqual(expected);
    },
  );

  test("every function refuses parameters that Terraform refuses", () => {
    for (const name of FUNCTIONS.keys()) expect(() => call(name, { a: [] }, [[]], { b: [] }, null, { c: null })).toThrow();
  });

  test("cidrsubnet gives subnets that lie in the prefix and don't meet", () => {
    const number = (address: string): number => address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 8, max: 20 }),
        fc.integer({ min: 1, max: 8 }),
        (octet, bits, more) => {
          const size = 2 ** (32 - bits - more);
          const subnets = Array.from({ length: 2 ** more }, (_, index) =>
            z
              .string()
              .parse(call("cidrsubnet", `10.${String(octet)}.0.0/${String(bits)}`, more, index))
              .split("/"),
          );
          expect(new Set(subnets.map(([, length]) => length))).toEqual(new Set([String(bits + more)]));
          const starts = subnets.map(([address = ""]) => number(address));
          expect(starts.slice(1).map((start, index) => start - (starts[index] ?? 0))).toEqual(starts.slice(1).map(() => size));
        },
      ),
    );
  });

  test.each([
    ["cidrsubnet", ["10.0.0.0/30", 4, 0], /no room/],
    ["cidrsubnet", ["10.0.0.0/16", 2, 4], /does not fit/],
    ["cidrsubnet", ["10.0.0/16", 2, 1], /no IPv4 range/],
    ["element", [[], 0], /empty/],
    ["filesha256", ["no-such-file"], /ENOENT/],
    ["substr", ["x", "one", 1], /number/],
  ] as const)("%s %j is refused with the reason", (name, parameters, reason) => {
    expect(() => call(name, ...(parameters as readonly Value[]))).toThrow(reason);
  });
});
