import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, folder, ledger } from "../aws-ports";
import { mergeRangeFunction } from "./function";

export const handler = awsHandler(mergeRangeFunction, { bucket, folder, ledger, objectStore }, process.env);
