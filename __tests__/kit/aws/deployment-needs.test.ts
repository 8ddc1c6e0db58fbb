import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { missingCredentials, missingTerraform } from "../../../kit/aws/deployment-needs";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-needs-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("Terraform", () => {
  test("is missing where no folder of the PATH has it, or only a file that can't be run", async () => {
    for (const PATH of ["", "/nowhere", `${folder}:/nowhere`, undefined])
      expect(missingTerraform(PATH === undefined ? {} : { PATH })).toMatchObject({
        problem: "terraform is not on the PATH",
        fix: expect.stringContaining("install Terraform 1.11") as string,
      });
    await writeFile(path.join(folder, "terraform"), "");
    await chmod(path.join(folder, "terraform"), 0o644);
    expect(missingTerraform({ PATH: folder })).toBeDefined();
  });
  test("is there, also by the name that cdktf is told", async () => {
    for (const name of ["terraform", "tofu"]) await writeFile(path.join(folder, name), "", { mode: 0o755 });
    expect(missingTerraform({ PATH: `/nowhere:${folder}` })).toBeUndefined();
    expect(missingTerraform({ PATH: folder, TERRAFORM_BINARY_NAME: "tofu" })).toBeUndefined();
    expect(missingTerraform({ PATH: "", TERRAFORM_BINARY_NAME: path.join(folder, "tofu") })).toBeUndefined();
    expect(missingTerraform({ PATH: folder, TERRAFORM_BINARY_NAME: "other" })?.problem).toBe("other is not on the PATH");
  });
});

describe("credentials", () => {
  test("are missing without a variable and without a file; the places are named", () => {
    expect(missingCredentials({ HOME: folder })?.problem).toContain(path.join(folder, ".aws", "credentials"));
    expect(missingCredentials({ HOME: folder, AWS_PROFILE: "" })).toBeDefined();
  });
  test.each([
    ["AWS_ACCESS_KEY_ID", "AKIA"],
    ["AWS_PROFILE", "me"],
    ["AWS_WEB_IDENTITY_TOKEN_FILE", "/token"],
    ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/id"],
    ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/id"],
  ])("%s is enough", (name, value) => {
    expect(missingCredentials({ HOME: folder, [name]: value })).toBeUndefined();
  });
  test("a file is enough", async () => {
    const file = path.join(folder, "mine");
    await writeFile(file, "");
    for (const name of ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"])
      expect(missingCredentials({ HOME: folder, [name]: file })).toBeUndefined();
  });
});
