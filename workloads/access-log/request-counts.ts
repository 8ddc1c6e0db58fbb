import { addCounts } from "../word-count/merge";
import { SpillingCounter } from "../word-count/counter/spilling-counter";
import { TopList } from "../word-count/counter/top-list";
import type { SplitPartial } from "../workload";
import type { LoggedRequest } from "./line";
import type { LogFacts, LogResult } from "./results";

/** Before what is counted stands what it is: both are counted in one counter, so that one bound of memory holds for both. */
const PATH = "p";
const CLIENT = "c";

/** Requests by path and by client, exact within a bound of memory. */
export class RequestCounts implements SplitPartial {
  private readonly counter: SpillingCounter;

  public constructor(options: ConstructorParameters<typeof SpillingCounter>[0]) {
    this.counter = new SpillingCounter(options);
  }

  public async add({ client, path }: LoggedRequest): Promise<void> {
    const waiting = this.counter.add(PATH + path, 1);
    if (waiting !== undefined) await waiting;
    const more = this.counter.add(CLIENT + client, 1);
    if (more !== undefined) await more;
  }

  public addTo(other: RequestCounts): Promise<void> {
    return this.counter.addTo(other.counter);
  }

  /** Takes in what `section` wrote. */
  public addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    return addCounts(this.counter, section);
  }

  public section(): AsyncIterable<Uint8Array> {
    return this.counter.section();
  }

  /** The facts with the distinct names and the most requested of them. */
  public async resultOf(facts: LogFacts, top: number): Promise<LogResult> {
    const paths = new Ranking(top);
    const clients = new Ranking(top);
    for await (const { word, count } of this.counter.entries()) (word.startsWith(PATH) ? paths : clients).offer(word.slice(1), count);
    return { ...facts, distinctPaths: paths.distinct, distinctClients: clients.distinct, paths: paths.list(), clients: clients.list() };
  }

  public dispose(): Promise<void> {
    return this.counter.dispose();
  }
}

class Ranking {
  public distinct = 0;
  private readonly top: TopList;

  public constructor(limit: number) {
    this.top = new TopList(limit);
  }

  public offer(name: string, requests: number): void {
    this.distinct += 1;
    this.top.offer(name, requests);
  }

  public list(): LogResult["paths"] {
    return this.top.list().map(({ word, count }) => ({ name: word, requests: count }));
  }
}
