import { awsHandler } from "../../../kit/function/aws-handler";
import { objectStore } from "../aws-object-store";
import { bucket, folder, ledger } from "../aws-ports";
import { sealFunction } from "./function";

export const handler = awsHandler(sealFunction, { bucket, folder, ledger, objectStore }, process.env);
