import { execFile } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROJECT } from "../support/command";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-ci-"));
  await mkdir(path.join(folder, "bin"));
  await cp(path.join(PROJECT, "scripts", "ci"), path.join(folder, "scripts", "ci"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Puts a program on the PATH that notes what it was called with, and what lies in the file that it was given. */
async function putProgram(name: string, prints = ""): Promise<void> {
  const file = path.join(folder, "bin", name);
  await writeFile(
    file,
    `#!/usr/bin/env bash
printf '%s\\n' "${name} $*" >> "${folder}/calls"
for each in "$@"; do case "$each" in body=@*) cp "\${each#body=@}" "${folder}/body";; esac; done
${prints}
`,
  );
  await chmod(file, 0o755);
}

const run = (script: string, ...given: readonly string[]): Promise<{ code: number; stderr: string }> =>
  new Promise((resolve) => {
    const environment = { PATH: `${path.join(folder, "bin")}:/usr/bin:/bin`, HOME: folder, GITHUB_REPOSITORY: "somebody/something" };
    execFile(path.join(folder, "scripts", "ci", script), given, { cwd: folder, env: environment }, (error, _stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stderr });
    });
  });
const calls = async (): Promise<string[]> => (await readFile(path.join(folder, "calls"), "utf8")).trim().split("\n");

describe("comment.sh, with a stand-in for GitHub's command line (toy)", () => {
  const comment = (text = "the review"): Promise<{ code: number; stderr: string }> =>
    writeFile(path.join(folder, "review.md"), text).then(() => run("comment.sh", "7", "batch-dev", "review.md"));

  test("makes a comment where there is none, with what it is found by", async () => {
    await putProgram("gh");
    expect(await comment()).toMatchObject({ code: 0 });
    expect((await calls())[1]).toMatch(/^gh api --method POST repos\/somebody\/something\/issues\/7\/comments /);
    expect(await readFile(path.join(folder, "body"), "utf8")).toBe("<!-- filemill plan-review batch-dev -->\nthe review\n");
  });

  test("updates the one that is there", async () => {
    await putProgram("gh", 'case "$*" in *--paginate*) echo 42;; esac');
    expect(await comment()).toMatchObject({ code: 0 });
    expect((await calls())[1]).toMatch(/^gh api --method PATCH repos\/somebody\/something\/issues\/comments\/42 /);
  });

  test("cuts what GitHub would not take, and says so", async () => {
    await putProgram("gh");
    expect(await comment("a line with é\n".repeat(10_000))).toMatchObject({ code: 0 });
    const body = await readFile(path.join(folder, "body"), "utf8");
    expect(body.length).toBeLessThan(65_536);
    expect(body).not.toContain("\u{fffd}");
    expect(body).toMatch(/\na line with é\n\n\n<\/details>\n\nThe review is longer: the rest is in the artifact of this run\.\n$/);
  });

  test("says what is missing", async () => {
    await putProgram("gh");
    expect(await run("comment.sh", "7", "batch-dev", "none.md")).toEqual({ code: 3, stderr: "comment: none.md is not there\n" });
    expect((await run("comment.sh", "7")).stderr).toContain("give a pull request, a name and a file");
  });
});

test("apply.sh applies the plan that was reviewed, and nothing without one", async () => {
  await putProgram("terraform");
  expect(await run("apply.sh", "batch", "dev")).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("plan.tfplan is not there; run scripts/ci/plan.sh batch dev first") as string,
  });
  const stack = path.join(folder, "cdktf.out", "stacks", "batch-dev");
  await mkdir(stack, { recursive: true });
  await writeFile(path.join(stack, "plan.tfplan"), "");
  expect(await run("apply.sh", "batch", "dev")).toMatchObject({ code: 0 });
  expect(await calls()).toEqual(["terraform apply -input=false -no-color plan.tfplan", "terraform output -json"]);
});
