// `npm run attack:browser`: starts a stack, and lets a real browser on pages of other origins, and another account of this machine (when
// root runs it), try to get in. Chromium is not part of the project: Debian's package is `chromium` (apt-get update && apt-get install
// chromium); CHROMIUM names another command.
//
// Exit codes: 0 nothing got through, 1 something did (or the attack itself did not work), 3 there is no Chromium.
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { zipSync, strToU8 } from "fflate";
import { IAMClient, ListUsersCommand } from "@aws-sdk/client-iam";
import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { ListBucketsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { attacksOn } from "./attacks.mjs";
import { AttackServer, findChromium, visit } from "./browser.mjs";
import { presign } from "./sign.mjs";

const EXIT = { nothingGotThrough: 0, failed: 1, noChromium: 3 };
const project = path.resolve(import.meta.dirname, "..", "..");
/** A user that owns nothing: `nobody` on Linux. */
const NOBODY = 65_534;
/** What a page may have got: its requests were refused, or it can't know. */
const HARMLESS = /^(sent|error|nothing|status \d+)$/;
/** What a browser keeps to itself: a request that it asks about first, which is refused, is never made. */
const asks = ({ kind, mode, method, headers }) =>
  kind === "fetch" && mode === "cors" && (method !== "GET" || Object.keys(headers ?? {}).includes("authorization"));

const chromium = findChromium();
if (chromium === undefined) {
  process.stderr.write("there is no Chromium here: install Debian's package `chromium`, or name a command with CHROMIUM\n");
  process.exit(EXIT.noChromium);
}
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const folder = mkdtempSync(path.join(tmpdir(), "filemill-attack-"));
// open to everybody, so that what the command makes below it has to be closed by itself
chmodSync(folder, 0o755);
const home = path.join(folder, "home");
const filemill = (...args) =>
  execFileSync(process.execPath, [path.join(project, "bin", "filemill.js"), ...args], {
    env: { ...process.env, FILEMILL_HOME: home },
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
const problems = [];
const say = (text) => process.stdout.write(`${text}\n`);

/** What an attack may have changed. */
async function stateOf({ lambda, s3, sqs, iam }) {
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const objects = await Promise.all(
    Buckets.map(async ({ Name: Bucket }) => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return [Bucket, Contents.map(({ Key, ETag }) => [Key, ETag])];
    }),
  );
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const queues = await Promise.all(
    QueueUrls.map(async (QueueUrl) => {
      const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
      return [QueueUrl, (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes];
    }),
  );
  const { Users = [] } = await iam.send(new ListUsersCommand({}));
  return { functions: Functions.map(({ FunctionName, CodeSha256 }) => [FunctionName, CodeSha256]).sort(), objects, queues, Users };
}

/** S3 announces itself on the queue of uploads; the worker takes that off. */
async function untilEmpty(sqs, QueueUrl) {
  const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
  for (;;) {
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    if (AttributeNames.every((name) => Attributes[name] === "0")) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Notes which attacks arrive where anybody is let in, so that "refused" can't mean "never sent". */
async function openServer() {
  const seen = new Set();
  const server = createServer((request, response) => {
    seen.add(`${request.method} ${request.url.split("?")[0]}`);
    request.resume();
    const origin = { "access-control-allow-origin": request.headers.origin ?? "*", "access-control-allow-credentials": "true" };
    const script = request.url.includes("loot.js") ? "text/javascript" : "text/plain";
    response.writeHead(200, {
      ...origin,
      "access-control-allow-headers": "authorization,content-type",
      "access-control-allow-methods": "*",
      "content-type": script,
    });
    response.end("window.loot = true");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { base: `http://127.0.0.1:${server.address().port}`, seen, close: () => (server.closeAllConnections(), server.close()) };
}

async function checkThatThePageAttacks(loot) {
  const open = await openServer();
  const page = await AttackServer.start("127.0.0.1");
  try {
    const attacks = attacksOn(open.base, loot);
    page.arm(attacks);
    const { loot: looted, results } = await visit(chromium, `${page.origin}/page`, { reporter: page, profile: path.join(folder, "open") });
    const missing = attacks.filter((attack) => !asks(attack) && ![...open.seen].some((line) => line.endsWith(` ${attack.path}`)));
    for (const { kind, url } of missing) problems.push(`the page never sent ${kind} ${url}`);
    const got = new Set(results.filter(({ result }) => !HARMLESS.test(result)).map(({ kind }) => kind));
    for (const kind of ["fetch", "xhr", "script"]) if (!got.has(kind)) problems.push(`the page can't tell that ${kind} got through`);
    if (!looted) problems.push("the page can't tell that a script of the stack ran");
    say(
      `a server that lets anybody in: ${attacks.length} attacks, ${open.seen.size} kinds of requests arrived, ${got.size} kinds of them read`,
    );
  } finally {
    page.close();
    open.close();
  }
}

function judge(where, { results, loot }) {
  const through = results.filter(({ result }) => !HARMLESS.test(result));
  for (const { kind, id, result } of through) problems.push(`${where}: attack ${id} (${kind}) got ${result}`);
  if (loot) problems.push(`${where}: an object of the stack ran as a script of the page`);
  say(`${where}: ${results.length} attacks, ${through.length} got through`);
}

async function attackAsPage(bases, lootAt) {
  for (const base of bases) {
    const page = await AttackServer.start("127.0.0.1");
    try {
      page.arm(attacksOn(base, lootAt(base)));
      const options = { reporter: page, profile: path.join(folder, "page"), resolve: "MAP evil.example 127.0.0.1" };
      judge(`a page of ${page.origin} on ${base}`, await visit(chromium, `${page.origin}/page`, options));
    } finally {
      page.close();
    }
  }
}

/** The page comes from evil.example:PORT at another address, and stays in the cache while the name moves to this machine. */
async function attackByRebinding(port, lootAt) {
  const base = `http://evil.example:${port}`;
  const reporter = await AttackServer.start("127.0.0.1");
  const server = await AttackServer.start("127.0.0.2", port);
  try {
    server.reportOrigin = reporter.origin;
    server.arm(attacksOn(base, lootAt(base)));
    const profile = path.join(folder, "rebinding");
    await visit(chromium, `${base}/page`, { reporter, profile, resolve: "MAP evil.example 127.0.0.2" });
    judge(
      `a page whose name moved to this machine (${base})`,
      await visit(chromium, `${base}/page`, { reporter, profile, resolve: "MAP evil.example 127.0.0.1" }),
    );
  } finally {
    server.close();
    reporter.close();
  }
}

function attackAsOtherUser(port) {
  if (process.getuid?.() !== 0) {
    say("another user of this machine: not tried, which needs root");
    return;
  }
  const pids = readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, "utf8").includes(home);
    } catch {
      return false;
    }
  });
  // the program is for everybody to read, as the folders on the way to it may not be
  const program = readFileSync(path.join(import.meta.dirname, "other-user.mjs"));
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "-", home, String(port), ...pids], {
    input: program,
    cwd: "/",
    uid: NOBODY,
    gid: NOBODY,
    env: { PATH: process.env.PATH },
    encoding: "utf8",
  });
  if (status !== 0) problems.push(`the other user's program failed: ${stderr}`);
  const tried = stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const through = tried.filter(({ got }) => !/^(EACCES|EPERM|ENOENT|403)$/.test(got));
  for (const { what, got } of through) problems.push(`another user: ${what}: ${got}`);
  if (pids.length < 3 || tried.length < 20) problems.push(`another user tried ${tried.length} things on ${pids.length} processes only`);
  say(`another user of this machine: ${tried.length} things tried on ${pids.length} processes, ${through.length} got through`);
}

async function attack() {
  const up = JSON.parse(filemill("local", "up", "--workers", "1", "--json"));
  const { outputs } = JSON.parse(filemill("local", "status", "--json"));
  const root = { accessKeyId: up.environment.AWS_ACCESS_KEY_ID, secretAccessKey: up.environment.AWS_SECRET_ACCESS_KEY };
  const settings = { endpoint: up.endpoint, region: up.environment.AWS_REGION, credentials: root };
  const clients = {
    lambda: new LambdaClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sqs: new SQSClient(settings),
    iam: new IAMClient(settings),
  };
  const bucket = outputs.uploading_bucket;
  await clients.s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: "loot.js", Body: "window.loot = true", ContentType: "text/javascript" }),
  );
  await clients.sqs.send(new SendMessageCommand({ QueueUrl: outputs.results_queue_url, MessageBody: "a message" }));
  const { Functions = [] } = await clients.lambda.send(new ListFunctionsCommand({}));
  const { Configuration } = await clients.lambda.send(new GetFunctionCommand({ FunctionName: Functions[0]?.FunctionName }));

  const marker = path.join(folder, "code-ran");
  const code = `require("node:fs").writeFileSync(${JSON.stringify(marker)}, ""); exports.handler = async () => "owned";`;
  const port = Number(new URL(up.endpoint).port);
  const lootAt = (base) => ({
    bucket,
    queuePath: new URL(outputs.results_queue_url).pathname,
    zip: Buffer.from(zipSync({ "index.js": strToU8(code) })).toString("base64"),
    theFunction: { functionArn: Configuration.FunctionArn, roleArn: Configuration.Role },
    signedScript: presign({ method: "GET", base, path: `/${bucket}/loot.js`, service: "s3" }, root),
    signedDelete: presign({ method: "DELETE", base, path: `/${bucket}/loot.js`, service: "s3" }, root),
  });

  await untilEmpty(clients.sqs, outputs.jobs_queue_url);
  const before = await stateOf(clients);
  await checkThatThePageAttacks(lootAt(up.endpoint));
  await attackAsPage([up.endpoint, `http://localhost:${port}`, `http://evil.example:${port}`], lootAt);
  await attackByRebinding(port, lootAt);
  attackAsOtherUser(port);
  const after = await stateOf(clients);
  for (const part of Object.keys(before)) {
    const [then, now] = [before, after].map((state) => JSON.stringify(state[part]));
    if (then !== now) problems.push(`the stack is not as it was: ${part} were ${then} and are ${now}`);
  }
  if (existsSync(marker)) problems.push("code of the attacker ran");
  for (const client of Object.values(clients)) client.destroy();
}

try {
  await attack();
} catch (error) {
  problems.push(String(error?.stack ?? error));
} finally {
  filemill("local", "down");
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
say(problems.length === 0 ? "nothing got through" : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? EXIT.nothingGotThrough : EXIT.failed;
