import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, decompressor, folder, ledger, queue, resultStore, serviceFaults } from "../aws-ports";
import { processUploadFunction } from "./function";

export const handler = awsHandler(
  processUploadFunction,
  { bucket, decompressor, folder, ledger, objectStore, queue, resultStore, serviceFaults },
  process.env,
);
