export { beginRun as default } from "./run-cache";
