// A real browser on a page of an attacker's server.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const REPORT_MILLISECONDS = 90_000;
const PAGE = readFileSync(path.join(import.meta.dirname, "page.html"), "utf8");

/** @returns {string | undefined} the browser's command: CHROMIUM, or what the system has */
export const findChromium = () =>
  [process.env.CHROMIUM, ...NAMES].find((name) => name !== undefined && spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0);

/** A server that answers with an attacker's page, and takes its report. */
export class AttackServer {
  #waiting;
  #attacks = [];

  /** @param {string} address of this machine @param {number} [port] */
  static async start(address, port = 0) {
    const server = new AttackServer();
    server.http = createServer((request, response) => server.#answer(request, response)).listen(port, address);
    await once(server.http, "listening");
    server.origin = `http://${address}:${server.http.address().port}`;
    return server;
  }

  #answer(request, response) {
    if (request.method === "POST" && request.url === "/report") {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        response.end();
        this.#waiting?.(JSON.parse(body));
      });
      return;
    }
    if (request.url !== "/page") {
      response.writeHead(404).end();
      return;
    }
    const order = JSON.stringify({ attacks: this.#attacks, report: `${this.reportOrigin ?? this.origin}/report` });
    // kept by the browser, so that the page can be there when its server is gone
    response.writeHead(200, { "content-type": "text/html", "cache-control": "max-age=3600" });
    response.end(PAGE.replace("ORDER", () => order.replaceAll("<", "\\u003c")));
  }

  /** What the page is to try from now on. */
  arm(attacks) {
    this.#attacks = attacks;
  }

  nextReport() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the page reported nothing within ${REPORT_MILLISECONDS} ms`)), REPORT_MILLISECONDS);
      this.#waiting = (report) => {
        clearTimeout(timer);
        resolve(report);
      };
    });
  }

  close() {
    this.http.closeAllConnections();
    this.http.close();
  }
}

/**
 * Opens an address, waits for the report of its page, and closes the browser.
 *
 * @param {string} command of findChromium
 * @param {string} url
 * @param {{ reporter: AttackServer, profile: string, resolve?: string }} options `resolve`: what names resolve to, as
 *   --host-resolver-rules has it
 */
export async function visit(command, url, { reporter, profile, resolve }) {
  const browser = spawn(
    command,
    [
      "--headless=new",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      // root has no sandbox
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      ...(resolve === undefined ? [] : [`--host-resolver-rules=${resolve}`]),
      `--user-data-dir=${profile}`,
      url,
    ],
    // its own temporary folders stay when it is ended: they go with the profile's
    { stdio: "ignore", detached: true, env: { ...process.env, TMPDIR: path.dirname(profile) } },
  );
  const ended = once(browser, "exit");
  try {
    return await reporter.nextReport();
  } finally {
    // not killed outright: it writes its cache at the end
    process.kill(-browser.pid, "SIGTERM");
    await ended;
  }
}
