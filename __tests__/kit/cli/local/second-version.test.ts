import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { makeSecondProgram, makeSecondVersion } from "../../../../kit/cli/local/second-version";

let folder: string;
let stackFile: string;
const ARCHIVE = "../worker.tar.gz";
const DEFINITION = JSON.stringify({ Comment: "One", StartAt: "A", States: { A: { Type: "Pass", End: true } } });

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-second-"));
  await mkdir(path.join(folder, "stack"));
  stackFile = path.join(folder, "stack", "cdk.tf.json");
  await writeFile(path.join(folder, "stack", "f.zip"), zipSync({ "index.js": strToU8("run()"), "data.bin": strToU8("data") }));
  await writeFile(path.join(folder, "worker.tar.gz"), gzipSync("program"));
  const resource = {
    aws_lambda_function: { f: { filename: "f.zip", source_code_hash: '${filebase64sha256("f.zip")}' } },
    aws_s3_object: { worker: { source: ARCHIVE, key: `worker-\${filesha256("${ARCHIVE}")}` }, note: { content: "x" } },
    aws_sfn_state_machine: { m: { definition: DEFINITION } },
    aws_sqs_queue: { q: { name: "q" } },
  };
  await writeFile(stackFile, JSON.stringify({ resource, locals: { script: `tar \${filesha256("${ARCHIVE}")}` } }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("code, definition and archive have other bytes and do the same; all else stays", async () => {
  const before = JSON.parse(await readFile(stackFile, "utf8")) as Stack;
  await makeSecondVersion(stackFile);
  const after = JSON.parse(await readFile(stackFile, "utf8")) as Stack;
  const code = unzipSync(await readFile(path.join(folder, "stack", "f.zip")));
  expect(strFromU8(code["index.js"] ?? new Uint8Array())).toMatch(/^run\(\)\n\/\/ /);
  expect(strFromU8(code["data.bin"] ?? new Uint8Array())).toBe("data");
  const { source } = after.resource.aws_s3_object.worker;
  const archive = await readFile(path.join(folder, "stack", source));
  expect(archive.equals(await readFile(path.join(folder, "worker.tar.gz")))).toBe(false);
  expect(gunzipSync(archive).toString()).toBe("program");
  // whatever follows from the archive's hash follows from the new one's
  expect(JSON.stringify(after)).not.toContain(ARCHIVE);
  expect(after.locals.script).toBe(`tar \${filesha256("${source}")}`);
  const { Comment, ...definition } = JSON.parse(after.resource.aws_sfn_state_machine.m.definition) as { Comment: string };
  expect(Comment).not.toBe("One");
  expect({ Comment: "One", ...definition }).toEqual(JSON.parse(DEFINITION));
  expect(after.resource.aws_sqs_queue).toEqual(before.resource.aws_sqs_queue);
});

test("a program of other bytes that does the same", async () => {
  const program = path.join(folder, "main.js");
  await writeFile(program, "run()");
  const second = await makeSecondProgram(program, path.join(folder, "stack"));
  expect(await readFile(second, "utf8")).toMatch(/^run\(\)\n\/\/ .*\n$/);
  expect(await readFile(program, "utf8")).toBe("run()");
});

interface Stack {
  readonly resource: {
    readonly aws_s3_object: { readonly worker: { readonly source: string } };
    readonly aws_sfn_state_machine: { readonly m: { readonly definition: string } };
    readonly aws_sqs_queue: object;
  };
  readonly locals: { readonly script: string };
}
