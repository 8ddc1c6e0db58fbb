import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleModule } from "../../../workloads/module/bundle";
import { moduleWorkload } from "../../../workloads/module/module-workload";
import { temporaryDirectory } from "../../support/count-harness";
import { WorkloadBench } from "../../support/workload-run";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
const benchOf = async (source: string): Promise<WorkloadBench<unknown, unknown>> => {
  writeFileSync(join(directory.path, "module.ts"), source);
  const bundle = join(directory.path, "bundle.js");
  writeFileSync(bundle, (await bundleModule(join(directory.path, "module.ts"))).code);
  return new WorkloadBench(moduleWorkload, { module: bundle });
};

test("a module that loops while it is loaded closes the batch after its 30 seconds", async () => {
  const bench = await benchOf("for (;;);");
  await expect(bench.open({ timeLimitSeconds: 0.1 })).rejects.toThrow(/can't be loaded: it ran longer than its time limit/);
  await bench.close();
});

test.each([
  ["its heap", "const all = []; for (;;) all.push(Array.from({ length: 1000 }, (_, index) => ({ index })));"],
  ["buffers beside its heap", "const all = []; for (;;) { all.push(Buffer.alloc(16 << 20, 1)); await new Promise(setImmediate); }"],
])("a file that eats memory in %s is quarantined after the next class, and the next file goes on", async (_what, code) => {
  const bench = await benchOf(`export default { async file(file) { if (file.size > 0) { ${code} } return { result: 1 }; } };`);
  const session = await bench.open({});
  const eaten = await bench.run({}, "x", { session });
  expect(eaten).toEqual({ status: "quarantined", reason: "workload-error", detail: "it ran out of memory" });
  expect(await bench.run({}, "", { session })).toEqual({ status: "processed", result: 1 });
  await bench.close();
});
