import { BackgroundClaim } from "../../../../kit/local/background/claim";
import { AlreadyUpError } from "../../../../kit/local/errors";

/** A process that asks for the claim of a home when it is told to, and says whether it has it. */
let claim: BackgroundClaim | undefined;
const answer = (message: object): void => {
  process.send?.(message);
};

process.on("message", (order: { readonly take?: string }) => {
  const step = order.take === undefined ? release() : take(order.take);
  step.catch((error: unknown) => {
    answer({ failed: String(error) });
  });
});

async function take(home: string): Promise<void> {
  try {
    claim = await BackgroundClaim.take(home);
    answer({ owner: process.pid });
  } catch (error) {
    if (!(error instanceof AlreadyUpError)) throw error;
    answer({ refused: error.message });
  }
}

async function release(): Promise<void> {
  await claim?.release();
  claim = undefined;
  answer({ released: true });
}
