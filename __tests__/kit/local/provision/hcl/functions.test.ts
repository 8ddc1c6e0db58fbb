import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { z } from "zod";
import type { Value } from "../../../../../kit/local/provision/hcl/expression";
import { FUNCTIONS } from "../../../../../kit/local/provision/hcl/functions";

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
  base64decode: [[["aMOkbGxv"], "hällo"]],
  base64encode: [[["hällo"], "aMOkbGxv"]],
  base64sha256: [[["x"], digest("sha256", "base64", "x")]],
  ceil: [[[4.1], 5]],
  cidrhost: [
    [["10.12.112.0/20", 16], "10.12.112.16"],
    [["10.0.0.0/24", -1], "10.0.0.255"],
  ],
  cidrsubnet: [
    [["172.16.0.0/12", 4, 2], "172.18.0.0/16"],
    [["10.1.2.0/24", 4, 15], "10.1.2.240/28"],
    [["255.255.0.0/16", 8, 255], "255.255.255.0/24"],
  ],
  coalesce: [[["", null, "b", "c"], "b"]],
  compact: [[[["a", "", null, "b"]], ["a", "b"]]],
  concat: [
    [
      [["a"], ["b", "c"], []],
      ["a", "b", "c"],
    ],
  ],
  contains: [
    [[["a", "b"], "b"], true],
    [[["a"], "b"], false],
  ],
  distinct: [[[["a", "b", "a"]], ["a", "b"]]],
  element: [
    [[["a", "b", "c"], 1], "b"],
    [[["a", "b", "c"], 4], "b"],
  ],
  file: [[["text.txt"], "hällo\n"]],
  filebase64: [[["asset.bin"], BYTES.toString("base64")]],
  filebase64sha256: [[["asset.bin"], digest("sha256", "base64")]],
  filemd5: [[["asset.bin"], digest("md5", "hex")]],
  filesha256: [[["asset.bin"], digest("sha256", "hex")]],
  flatten: [[[[["a"], [["b"], []], "c"]], ["a", "b", "c"]]],
  floor: [[[4.9], 4]],
  format: [
    [["%s is %d, %05d, 100%%", "a", 7, 42], "a is 7, 00042, 100%"],
    [["%q %v", 'x"', ["l"]], '"x\\"" ["l"]'],
  ],
  join: [[[", ", ["a", 1, true]], "a, 1, true"]],
  jsondecode: [[['{"a":[1,null]}'], { a: [1, null] }]],
  jsonencode: [[[{ b: "<&>", a: [1] }], '{"a":[1],"b":"\\u003c\\u0026\\u003e"}']],
  keys: [[[{ b: 1, a: 2 }], ["a", "b"]]],
  length: [
    [["h😀"], 2],
    [[["a", "b"]], 2],
    [[{ a: 1 }], 1],
  ],
  lookup: [
    [[{ a: 1 }, "a", 0], 1],
    [[{ a: 1 }, "b", 0], 0],
  ],
  lower: [[["ÄB"], "äb"]],
  max: [[[5, 12, 9], 12]],
  md5: [[["x"], digest("md5", "hex", "x")]],
  merge: [[[{ a: 1, b: 1 }, { b: 2 }], { a: 1, b: 2 }]],
  min: [[[5, "3", 9], 3]],
  replace: [
    [["1 + 2 + 3", "+", "-"], "1 - 2 - 3"],
    [["hello world", "/w.*d/", "everybody"], "hello everybody"],
  ],
  sha256: [[["x"], digest("sha256", "hex", "x")]],
  sort: [[[["e", "d", "a"]], ["a", "d", "e"]]],
  split: [
    [
      [",", "a,b,"],
      ["a", "b", ""],
    ],
    [[",", ""], []],
  ],
  substr: [
    [["hello world", 1, 4], "ello"],
    [["hello world", -5, -1], "world"],
  ],
  tolist: [[[["a"]], ["a"]]],
  tonumber: [[["12"], 12]],
  toset: [[[["b", "b"]], ["b"]]],
  tostring: [[[5], "5"]],
  trimprefix: [[["helloworld", "hello"], "world"]],
  trimspace: [[["  x\n"], "x"]],
  trimsuffix: [[["helloworld", "world"], "hello"]],
  upper: [[["äb"], "ÄB"]],
  urlencode: [[["a b/c"], "a+b%2Fc"]],
  values: [[[{ b: 1, a: 2 }], [2, 1]]],
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
    // coalesce takes any number of anything; no other function takes five parameters of these kinds
    for (const name of [...FUNCTIONS.keys()].filter((each) => each !== "coalesce")) {
      expect(() => call(name, { a: [] }, [[]], { b: [] }, null, { c: null })).toThrow();
    }
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
    ["cidrhost", ["10.0.0.0/30", 4], /no host/],
    ["element", [[], 0], /empty/],
    ["format", ["%s"], /nothing was given/],
    ["format", ["%x", 1], /not known/],
    ["file", ["no-such-file"], /ENOENT/],
    ["tonumber", ["x"], /number/],
  ] as const)("%s %j is refused with the reason", (name, parameters, reason) => {
    expect(() => call(name, ...(parameters as readonly Value[]))).toThrow(reason);
  });
});
