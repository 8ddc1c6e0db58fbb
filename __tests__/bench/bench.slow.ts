import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { PROJECT } from "../support/command";

const measuredSchema = z.object({
  scenario: z.string(),
  runs: z.array(z.object({ files: z.number(), wallSeconds: z.number().positive(), callsPerFile: z.number().positive() })).length(1),
});

// figures are for people; a benchmark that nobody could run would be noticed when it is needed
// one as a batch and one by uploads; the others differ from them in data and route
test.each(["wordfreq-fleet", "wordfreq-upload"])("the benchmark %s runs", async (name) => {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(PROJECT, "dist", "bench", "main.js"), name, "--runs", "1"]);
  expect(measuredSchema.parse(JSON.parse(stdout))).toMatchObject({
    scenario: name,
    runs: [{ files: 120 }],
  });
});
