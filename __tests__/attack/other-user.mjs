// What another account of the same machine can do to a stack that is up. Runs as that account: arguments are the stack's home, its port
// and the pids of its processes; prints a line of JSON for each thing that was tried.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import path from "node:path";

const [home, port, ...pids] = process.argv.slice(2);

function tell(what, got) {
  process.stdout.write(`${JSON.stringify({ what, got })}\n`);
}

function attempt(what, act) {
  try {
    tell(what, act() ?? "done");
  } catch (error) {
    tell(what, error.code ?? String(error));
  }
}

attempt(`list ${home}`, () => readdirSync(home).join());
for (const name of ["up.json", "up.log"]) attempt(`read ${name}`, () => readFileSync(path.join(home, name), "utf8").slice(0, 40));
for (const name of ["stacks", "runs", "up"]) attempt(`list ${name}`, () => readdirSync(path.join(home, name)).join());
attempt("write into the home", () => writeFileSync(path.join(home, "planted"), "evil"));
attempt("replace up.json", () => writeFileSync(path.join(home, "up.json"), "{}"));
for (const pid of pids) {
  attempt(`environment of ${pid}`, () => readFileSync(`/proc/${pid}/environ`, "utf8").length);
  attempt(`memory of ${pid}`, () => readFileSync(`/proc/${pid}/mem`).length);
  attempt(`files of ${pid}`, () => readdirSync(`/proc/${pid}/fd`).join());
  attempt(`signal ${pid}`, () => process.kill(Number(pid), "SIGTERM"));
}

/** @returns {Promise<number>} the status of an answer */
const call = (method, target, headers = {}, body = "") =>
  new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path: target, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    sent.end(body);
  });
const credential = "Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=";
for (const [what, ...given] of [
  ["unsigned list", "GET", "/"],
  ["health", "GET", "/_ministack/health"],
  ["queues", "GET", "/_ministack/sqs/messages"],
  ["reset", "POST", "/_ministack/reset"],
  ["list with the key 'test'", "GET", "/", { authorization: `AWS4-HMAC-SHA256 ${credential}${"0".repeat(64)}` }],
  ["new function", "POST", "/2015-03-31/functions", { "content-type": "application/json" }, "{}"],
  ["faults", "PUT", "/_filemill/faults", {}, '{"seed":1,"rules":[]}'],
]) {
  tell(`call: ${what}`, String(await call(...given)));
}
