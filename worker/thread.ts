import { parentPort } from "node:worker_threads";
import { nodeZlib } from "../kit/aws/node-zlib";
import { present } from "../kit/lib/present";
import { ThreadServer } from "../workloads/threads/serve-thread";
import type { ToThread } from "../workloads/threads/messages";

const port = present(parentPort ?? undefined, "the port of the thread that started this one");
const server = new ThreadServer(port, nodeZlib);
port.on("message", (message: ToThread) => {
  void server.take(message);
});
