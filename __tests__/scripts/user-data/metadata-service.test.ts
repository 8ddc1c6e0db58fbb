import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { startMetadataService } from "../../../scripts/user-data/metadata-service";

let folder: string;
let socketPath: string;
let stop: () => Promise<void>;
const credentials = { accessKeyId: "AKIA", secretAccessKey: "secret", sessionToken: "session", expiration: new Date(86_400_000) };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-metadata-"));
  socketPath = path.join(folder, "socket");
  stop = await startMetadataService(socketPath, {
    instanceId: "i-1",
    userData: "#!/bin/bash",
    roleName: "worker",
    credentials: () => Promise.resolve(credentials),
  });
});
afterAll(async () => {
  await stop();
  await rm(folder, { recursive: true, force: true });
});

const ask = (target: string, headers: Record<string, string> = {}, method = "GET"): Promise<{ status: number | undefined; body: string }> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path: target, headers, method }, (response) => {
      text(response).then((body) => {
        resolve({ status: response.statusCode, body });
      }, reject);
    })
      .on("error", reject)
      .end();
  });
const token = async (): Promise<Record<string, string>> => ({
  "X-aws-ec2-metadata-token": (await ask("/latest/api/token", { "X-aws-ec2-metadata-token-ttl-seconds": "60" }, "PUT")).body,
});

test("it answers nobody without a token, as a template that requires version 2 has it", async () => {
  expect(await ask("/latest/meta-data/instance-id")).toEqual({ status: 401, body: "" });
  expect(await ask("/latest/meta-data/instance-id", await token())).toEqual({ status: 200, body: "i-1" });
});

test("the role is found by its name, and has its credentials", async () => {
  expect(await ask("/latest/meta-data/iam/security-credentials/", await token())).toEqual({ status: 200, body: "worker" });
  const { body } = await ask("/latest/meta-data/iam/security-credentials/worker", await token());
  expect(JSON.parse(body)).toMatchObject({
    Code: "Success",
    AccessKeyId: "AKIA",
    Token: "session",
    Expiration: "1970-01-02T00:00:00.000Z",
  });
});

test("a notice that isn't there is not found", async () => {
  expect((await ask("/latest/meta-data/spot/instance-action", await token())).status).toBe(404);
});
