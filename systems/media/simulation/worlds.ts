/** What `simulate:faults --system media` loads; bundled apart from the command (scripts/build/simulator-bundle.mjs). */
export { runSeed } from "./world/run-seed";
