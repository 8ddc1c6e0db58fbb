import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROJECT } from "../../support/project";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-check-user-data-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("without what it needs the check says what that is, and ends with 3", async () => {
  await symlink(process.execPath, path.join(folder, "node"));
  const script = path.join(PROJECT, "scripts", "check-user-data.mjs");
  const ended = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile("node", [script], { env: { PATH: folder } }, (error, stdout) => {
      resolve({ code: error?.code ?? 0, stdout });
    });
  });
  expect(ended).toEqual({ code: 3, stdout: expect.stringMatching(/^check:user-data was not run: .{20,}\n$/) as string });
});
