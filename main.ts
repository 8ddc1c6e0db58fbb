import path from "node:path";
import { App } from "cdktf";
import { runSynthesis } from "./kit/synth/run-synthesis";
import { EVERY_SYSTEM } from "./systems";

/** Settles when the systems that FILEMILL_SYSTEMS names are synthesized: cdktf.out/stacks/<system>-<environment>/cdk.tf.json. */
export const synthesis = runSynthesis({
  systems: EVERY_SYSTEM,
  makeApp: (outdir) => new App({ outdir }),
  // dist/: this program lies beside what it deploys, and whatever starts it has built all of it (scripts/synth.mjs, bin/filemill.js)
  buildDirectory: path.resolve(__dirname),
  environment: process.env,
  process,
});
