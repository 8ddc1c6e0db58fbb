import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeHome, removeHome } from "../kit/local/support/local-home";
import { PROJECT, runCommand, type CommandResult } from "../support/command";
import { listenersOf, processesOf } from "../support/leftovers";

jest.setTimeout(180_000);

let home: string;
let folder: string;
let ran: string;
let notes: string;
let variables: Record<string, string>;

/** Everything that a person's AWS configuration, and a deployment's, could say to a command. */
beforeAll(async () => {
  home = await makeHome();
  // open to everybody, so that what the command makes in it has to be closed by itself
  await chmod(home, 0o755);
  folder = await mkdtemp(path.join(tmpdir(), "filemill-settings-"));
  [ran, notes] = [path.join(folder, "ran"), path.join(folder, "notes")];
  const users = path.join(folder, "users-home");
  await mkdir(path.join(users, ".aws"), { recursive: true });
  const program = path.join(folder, "give-credentials.sh");
  await writeFile(
    program,
    `#!/bin/sh\ntouch ${ran}\necho '{"Version":1,"AccessKeyId":"AKIAUSERSUSERSUSERS0","SecretAccessKey":"users"}'\n`,
  );
  await chmod(program, 0o700);
  const settings = [
    `credential_process = ${program}`,
    "region = eu-north-1",
    "use_fips_endpoint = true",
    "use_dualstack_endpoint = true",
    "endpoint_url = http://127.0.0.1:9",
    "retry_mode = adaptive",
    "max_attempts = 1",
    "defaults_mode = mobile",
    "request_checksum_calculation = when_required",
    "response_checksum_validation = when_required",
    "services = elsewhere",
    "s3_use_arn_region = true",
    "",
  ].join("\n");
  const services = "[services elsewhere]\ns3 =\n  endpoint_url = http://127.0.0.1:9\nsqs =\n  endpoint_url = http://127.0.0.1:9\n";
  await writeFile(path.join(users, ".aws", "config"), `[default]\n${settings}[profile users]\n${settings}${services}`);
  await writeFile(
    path.join(users, ".aws", "credentials"),
    `[default]\ncredential_process = ${program}\n[users]\ncredential_process = ${program}\n`,
  );
  await writeFile(path.join(folder, "a.txt"), "hello people of the united states");
  await writeFile(notes, "");
  variables = {
    HOME: users,
    NOTES: notes,
    NODE_OPTIONS: `--require ${path.join(PROJECT, "__tests__", "support", "note-aws-files.cjs")}`,
    AWS_PROFILE: "users",
    AWS_SDK_LOAD_CONFIG: "1",
    AWS_REGION: "eu-north-1",
    AWS_DEFAULT_REGION: "eu-north-1",
    AWS_USE_FIPS_ENDPOINT: "true",
    AWS_USE_DUALSTACK_ENDPOINT: "true",
    AWS_ENDPOINT_URL: "http://127.0.0.1:9",
    AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9",
    AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:9",
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false",
    AWS_MAX_ATTEMPTS: "1",
    AWS_RETRY_MODE: "adaptive",
    AWS_DEFAULTS_MODE: "mobile",
    AWS_CA_BUNDLE: "/nonexistent/bundle.pem",
    AWS_REQUEST_CHECKSUM_CALCULATION: "WHEN_REQUIRED",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "WHEN_REQUIRED",
    AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/users",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/nonexistent/token",
    AWS_ROLE_ARN: "arn:aws:iam::111122223333:role/users",
    AWS_SESSION_TOKEN: "users-token",
    PYTHONPATH: "/nonexistent/python",
    FILEMILL_ENVIRONMENT: "prod",
    FILEMILL_SCALING: "simple",
    FILEMILL_REGION: "eu-north-1",
    FILEMILL_OWNER: "somebody",
    FILEMILL_BUCKET_PREFIX: "somebodys",
    FILEMILL_NAME_PREFIX: "somebodys",
    FILEMILL_EGRESS: "nat",
    FILEMILL_TERRAFORM_STATE_BUCKET: "somebodys-state",
    CDKTF_CONTEXT_JSON: "{",
    CDKTF_OUTDIR: path.join(folder, "elsewhere"),
  };
});
afterAll(async () => {
  await runCommand(home, ["local", "down"]);
  await removeHome(home);
  await rm(folder, { recursive: true, force: true });
});

const filemill = (...args: string[]): Promise<CommandResult> => runCommand(home, args, folder, variables);

/** The user's files were not looked at, the user's program did not run, and what works in the stack did not inherit NODE_OPTIONS. */
async function expectUntouched(...processes: string[]): Promise<void> {
  const lines = (await readFile(notes, "utf8")).split("\n");
  expect(lines.filter((line) => line.startsWith("file "))).toEqual([]);
  const named = lines.flatMap((line) => /^process (.*)$/.exec(line)?.[1] ?? []).map((file) => path.relative(PROJECT, file));
  expect([...new Set(named)].sort()).toEqual(processes);
  expect(await readdir(folder)).not.toContain("ran");
  expect(await readdir(folder)).not.toContain("elsewhere");
  await writeFile(notes, "");
}

/** Folders and files that others than their owner could look at, below folders that others can enter. */
async function openToOthers(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(directory)) {
    const entry = path.join(directory, name);
    const { mode } = await lstat(entry);
    const isLink = (mode & 0o170000) === 0o120000;
    if (isLink) continue;
    const isFolder = (mode & 0o170000) === 0o040000;
    // whatever lies in a folder that nobody else can enter is out of reach
    if ((mode & 0o077) !== 0) found.push(`${entry} ${(mode & 0o777).toString(8)}`, ...(isFolder ? await openToOthers(entry) : []));
  }
  return found;
}

test("a local run takes nothing from the user's AWS settings or from those of a deployment (invariant 10)", async () => {
  const { exitCode, stdout, stderr } = await filemill("local", "run", "a.txt", "--route", "fleet", "--json");
  expect(exitCode === 0 ? "" : stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ result: { totalWords: 4 }, files: { processed: 1 } });
  await expectUntouched("bin/filemill.js");
});

test("nor does a stack that stays up, and what it writes is for its owner only, whatever the umask", async () => {
  const umask = process.umask(0);
  try {
    const up = await filemill("local", "up", "--workers", "1");
    expect(up.exitCode === 0 ? "" : up.stderr).toBe("");
  } finally {
    process.umask(umask);
  }
  // the emulator, the credentials of workers and the metadata of instances, each with a gate; the supervisor is spoken to by its parent and
  // by signals only
  const { endpoint, pid } = JSON.parse((await filemill("local", "status", "--json")).stdout) as { endpoint: string; pid: number };
  const others = (await processesOf(home)).map((line) => Number.parseInt(line, 10));
  const listeners = await listenersOf([pid, ...others]);
  expect(listeners).toHaveLength(3);
  expect(listeners).toContain(new URL(endpoint).host);
  for (const listener of listeners) {
    expect(listener).toMatch(/^127\.0\.0\.1:/);
    // whoever knows no more than the port
    expect([listener, (await fetch(`http://${listener}/`)).status]).toEqual([listener, 403]);
  }

  const submitted = await filemill("submit", "a.txt", "--route", "lambda", "--watch", "--json");
  expect(submitted.exitCode === 0 ? "" : submitted.stderr).toBe("");
  expect(JSON.parse(submitted.stdout)).toMatchObject({ result: { totalWords: 4 }, files: { processed: 1 } });
  expect((await filemill("local", "status")).stdout).toContain("export AWS_SECRET_ACCESS_KEY=");
  await expectUntouched("bin/filemill.js", "dist/local/supervisor.js");

  expect(await openToOthers(home)).toEqual([]);
  for (const name of ["up.json", "up.log"]) expect([name, (await lstat(path.join(home, name))).mode & 0o777]).toEqual([name, 0o600]);
  for (const name of await readdir(path.join(home, "stacks"), { recursive: true })) {
    const { mode } = await lstat(path.join(home, "stacks", name));
    expect([name, mode & 0o077]).toEqual([name, 0]);
  }
});

test("for a deployed stack the user's settings are in force", async () => {
  const outputs = path.join(folder, "outputs.json");
  const { stdout } = await runCommand(home, ["local", "status", "--json"]);
  await writeFile(outputs, JSON.stringify((JSON.parse(stdout) as { outputs: unknown }).outputs));
  const { exitCode } = await filemill("status", "--stack-outputs", outputs);
  // nobody is there at 127.0.0.1:9; what counts is where it looked
  expect(exitCode).toBe(1);
  expect(await readFile(notes, "utf8")).toMatch(/^file \w+ .*users-home\/\.aws\/config$/m);
});
