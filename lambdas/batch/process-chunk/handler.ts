import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, callMeter, decompressor, folder, ledger, queue, resultStore, serviceFaults, unnamed } from "../aws-ports";
import { processChunkFunction } from "./function";

export const handler = awsHandler(
  processChunkFunction,
  { bucket, callMeter, decompressor, folder, ledger, objectStore, queue, resultStore, serviceFaults, unnamed },
  process.env,
);
