import { Construct } from "constructs";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import { FunctionRule } from "../../../constructs/observability/function-rule";
import { LogAlarm } from "../../../constructs/observability/log-alarm";
import type { StateMachine } from "../../../constructs/workflow/state-machine";
import { NEXT_RUN_REPAIRS } from "../../../kit/function/asynchronous-events";
import { UPLOADS_PREFIX, BATCHES_PREFIX } from "../contracts/state-keys";
import { reconcileEnv } from "../../../lambdas/batch/reconcile/env";
import { spotNoticesEnv } from "../../../lambdas/batch/spot-notices/env";
import type { Fleet } from "./fleet";
import { makeFunction, type FunctionsProps } from "./functions";

const RECONCILE_MINUTES = 5;

export interface RepairsProps extends FunctionsProps {
  readonly machine: StateMachine;
  readonly fleet: Fleet;
}

/** What makes good what no event tells of, and what remembers why workers vanish. */
export class Repairs extends Construct {
  public readonly reconcile: NodeFunction<typeof reconcileEnv>;
  public readonly spotNotices: NodeFunction<typeof spotNoticesEnv>;

  public constructor(scope: Construct, id: string, props: RepairsProps) {
    super(scope, id);
    this.reconcile = this.#makeReconcile(props);
    this.spotNotices = this.#makeSpotNotices(props);
    // where policies own the capacity nobody looks for signs of life, and no fleet is halted
    if (props.config.fleet.protectFromScaleIn) {
      new LogAlarm(this, "FleetHalted", {
        logGroupName: this.reconcile.logGroupName,
        event: "fleet_halted",
        alarmName: props.names.alarm("fleet-halted"),
        alarmDescription: "Hosts of the fleet don't start: nothing is launched any more, and batches wait",
        runbookSection: props.names.runbookSection("fleet-halted"),
        repeatedEverySeconds: RECONCILE_MINUTES * 60,
      });
    }
    new FunctionRule(this, "Periodic", {
      ruleName: props.names.rule("reconcile"),
      description: "Looks for dead chunks, overdue batches, lost messages, leftovers, forgotten uploads, silent hosts",
      trigger: { schedule: `rate(${RECONCILE_MINUTES} minutes)` },
      target: this.reconcile,
    });
    // of every instance of the account and region: the event tells the instance only, and a note of a stranger's one is never looked at
    new FunctionRule(this, "Interruption", {
      ruleName: props.names.rule("spot-interruption"),
      description: "EC2 takes a spot instance back: its worker's loss is nobody's fault",
      trigger: { eventPattern: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] } },
      target: this.spotNotices,
    });
  }

  #makeReconcile(props: RepairsProps): NodeFunction<typeof reconcileEnv> {
    const { config, data, fleet, machine } = props;
    const lambda = makeFunction(this, "Reconcile", props, {
      name: "reconcile",
      description: "Repairs what no event tells of: dead chunks, overdue batches, lost messages, forgotten uploads, silent hosts",
      schema: reconcileEnv,
      asynchronousEvents: NEXT_RUN_REPAIRS,
      environment: {
        LEDGER_TABLE_NAME: data.ledger.tableName,
        RESULT_TABLE_NAME: data.resultTable.tableName,
        STATE_MACHINE_ARN: machine.machineArn,
        JOBS_QUEUE_URL: data.jobs.queueUrl,
        JOBS_DEAD_LETTERS_URL: data.jobs.deadLetterQueueUrl,
        RESULTS_QUEUE_URL: data.results.queueUrl,
        CHUNKS_QUEUE_URL: data.chunks.queueUrl,
        CHUNKS_DEAD_LETTERS_URL: data.chunks.deadLetterQueueUrl,
        STATE_BUCKET_NAME: data.state.bucketName,
        PROCESSING_BUCKET_NAME: data.processing.bucketName,
        RECONCILE_PREFIX: config.reconcile.prefix,
        RECONCILE_MAXIMUM_OBJECTS: String(config.reconcile.maximumObjects),
        JOBS_RETENTION_SECONDS: String(config.queues.retentionSeconds),
        SLOTS_PER_WORKER: String(config.fleet.slotsPerWorker),
        // workers that never end themselves show no sign of life either. The group's own name: the function learns of a new version
        // after the group launches it
        ...(config.fleet.idleRetireSeconds === undefined
          ? {}
          : { AUTO_SCALING_GROUP_NAME: fleet.group.groupName, WORKER_VERSION: fleet.workerVersion }),
      },
    });
    grantRepair(lambda, props);
    if (config.fleet.protectFromScaleIn) {
      fleet.group.grantRead(lambda.role);
      fleet.group.grantTerminate(lambda.role);
    }
    return lambda;
  }

  #makeSpotNotices(props: RepairsProps): NodeFunction<typeof spotNoticesEnv> {
    const { data } = props;
    const lambda = makeFunction(this, "SpotNotices", props, {
      name: "spot-notices",
      description: "Notes in the ledger which instances EC2 takes back",
      schema: spotNoticesEnv,
      environment: { LEDGER_TABLE_NAME: data.ledger.tableName },
    });
    data.ledger.grantPut(lambda.role);
    return lambda;
  }
}

function grantRepair({ role }: NodeFunction<typeof reconcileEnv>, { data, machine }: RepairsProps): void {
  const { chunks, jobs, ledger, processing, results, resultTable, state } = data;
  ledger.grantRead(role);
  ledger.grantUpdate(role);
  ledger.grantPut(role);
  ledger.grantQuery(role);
  resultTable.grantReadMany(role);
  processing.grantList(role);
  chunks.grantConsume(role);
  chunks.grantSend(role);
  chunks.grantReadDepth(role);
  chunks.grantConsumeDeadLetters(role);
  chunks.grantSendToDeadLetters(role);
  chunks.grantReadDeadLettersDepth(role);
  jobs.grantSend(role);
  jobs.grantReadDepth(role);
  jobs.grantConsumeDeadLetters(role);
  results.grantSend(role);
  state.grantPutObjects(role, UPLOADS_PREFIX);
  // what a batch's plan says of files, when more failed than may
  state.grantReadObjects(role, BATCHES_PREFIX);
  machine.grantStart(role);
  machine.grantStop(role);
  machine.grantAnswer(role);
  machine.grantFail(role);
}
