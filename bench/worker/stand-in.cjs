// Stands where a local stack starts a worker: notes what a worker would have been given beside itself, and waits until it is stopped.
const { renameSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const file = path.join(__dirname, "environment.json");
writeFileSync(`${file}.new`, JSON.stringify(process.env));
renameSync(`${file}.new`, file);
const waiting = setInterval(() => undefined, 60_000);
process.once("SIGTERM", () => clearInterval(waiting));
