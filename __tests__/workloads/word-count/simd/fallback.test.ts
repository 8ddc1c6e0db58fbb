import { execFileSync } from "node:child_process";
import path from "node:path";
import { bundleProgram } from "../../../support/bundle-program";
import { temporaryDirectory } from "../../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

test("a Node without WebAssembly counts the same in plain TypeScript, and nobody has to ask for it", async () => {
  const program = await bundleProgram("__tests__/support/engine-child.ts", path.join(directory.path, "engine-child.cjs"));
  const told = (...options: string[]): unknown =>
    JSON.parse(execFileSync(process.execPath, [...options, program, directory.path], { encoding: "utf8" })) as unknown;
  const words = [
    { word: "whale", count: 2 },
    { word: "wál", count: 1 },
  ];
  expect(told()).toEqual({ engine: "simd", words });
  expect(told("--jitless")).toEqual({ engine: "plain", words });
});
