"use strict";
// Loaded by NODE_OPTIONS into every Node process that inherits them: notes the process, and each file below a folder `.aws` that it
// looks at. NOTES names the file for that.
const fs = require("node:fs");
const { appendFileSync } = fs;
const notes = process.env.NOTES;
const note = (what) => appendFileSync(notes, `${what}\n`);

note(`process ${process.argv[1] ?? "-"}`);
for (const module of [fs, fs.promises]) {
  for (const name of Object.keys(module)) {
    const original = module[name];
    if (typeof original !== "function" || /^[A-Z_]/.test(name)) continue;
    module[name] = Object.assign(function (...given) {
      const [first] = given;
      if (typeof first === "string" && first.includes("/.aws")) note(`file ${name} ${first}`);
      return original.apply(this, given);
    }, original);
  }
}
