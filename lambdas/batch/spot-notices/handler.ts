import { awsHandler } from "../../../kit/function/aws-handler";
import { ledger } from "../aws-ports";
import { spotNoticesFunction } from "./function";

export const handler = awsHandler(spotNoticesFunction, { ledger }, process.env);
