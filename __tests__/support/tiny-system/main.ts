import path from "node:path";
import { App } from "cdktf";
import { runSynthesis } from "../../../kit/synth/run-synthesis";
import { TINY_SYSTEMS } from "./system";

export const synthesis = runSynthesis({
  systems: TINY_SYSTEMS,
  makeApp: (outdir) => new App({ outdir }),
  buildDirectory: path.resolve(__dirname),
  environment: process.env,
  process,
});
