export { endRun as default } from "./run-cache";
