import type { Caller, WhoAmI } from "../../ports/caller";
import { messageOf } from "../../folders/system-errors";
import { awsErrorText } from "../aws-error";
import { unknown, well, wrong, type Finding } from "./finding";

/** Less than a batch may take, and than most sessions have when they are new. */
const SHORT_SECONDS = 900;
const CHECK = "credentials";
const RENEW = "renew them, for example by `aws sso login`";

/** @param account that the stack is in @param now milliseconds since the epoch */
export async function checkCaller(whoAmI: WhoAmI, account: string, now: number): Promise<Finding> {
  let caller: Caller;
  try {
    caller = await whoAmI.ask();
  } catch (error) {
    const told = error instanceof Error ? awsErrorText(error) : undefined;
    return told === undefined
      ? unknown(CHECK, `nobody says whose they are: ${messageOf(error)}`, "`aws sts get-caller-identity` must answer")
      : wrong(CHECK, told.message, told.fix);
  }
  const { arn, expiresAt } = caller;
  if (caller.account !== account) {
    return wrong(
      CHECK,
      `${arn} is of account ${caller.account}, and the stack is in account ${account}`,
      "choose the stack's account with AWS_PROFILE, or name the outputs of another stack",
    );
  }
  if (expiresAt === undefined) return well(CHECK, `${arn}, which don't expire`);
  const seconds = Math.round((expiresAt - now) / 1_000);
  const until = `${arn}, until ${new Date(expiresAt).toISOString()}`;
  return seconds < SHORT_SECONDS ? wrong(CHECK, `${until}: ${Math.max(0, seconds)} s are left`, RENEW) : well(CHECK, until);
}
