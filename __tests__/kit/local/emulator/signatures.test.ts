import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { ensureVirtualEnvironment } from "../../../../kit/local/python/virtual-environment";
import { PROJECT_DIRECTORY, REQUIREMENTS_FILE } from "../support/local-home";

jest.setTimeout(180_000);

test("signatures are read as AWS has published them, and ends of time to the second", async () => {
  const homeDirectory = path.join(PROJECT_DIRECTORY, ".filemill");
  const python = await ensureVirtualEnvironment({ homeDirectory, requirementsFile: REQUIREMENTS_FILE, environment: process.env });
  const program = path.join(__dirname, "..", "support", "published_signatures.py");
  const { stdout } = await promisify(execFile)(python, [program, path.join(PROJECT_DIRECTORY, "kit", "local", "emulator")]);
  expect(JSON.parse(stdout)).toEqual({
    get: "ok",
    put: "ok",
    lifecycle: "ok",
    list: "ok",
    presigned: "ok",
    chunked: "ok",
    "another body": "XAmzContentSHA256Mismatch",
    "a chunk twice": "SignatureDoesNotMatch",
    "chunks without an end": "IncompleteBody",
    "15 minutes later": "ok",
    "15 minutes and a second later": "RequestTimeTooSkewed",
    "presigned, on its last second": "ok",
    "presigned, a second too late": "AccessDenied",
    "a session in its last minute": "ok",
    "a session that has ended": "ExpiredToken",
  });
});
