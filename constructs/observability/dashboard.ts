import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { Construct } from "constructs";
import type { Measure, Metric } from "./metric";

/** One line of a graph. */
export interface GraphLine {
  readonly label: string;
  readonly measure: Measure;
}

export interface Graph {
  readonly title: string;
  readonly lines: readonly GraphLine[];
  /** Seconds a value is of. @default 300 */
  readonly periodSeconds?: number;
  /** Sums that make a whole are piled up. @default lines beside each other */
  readonly isStacked?: boolean;
}

/** A heading, and the graphs below it, three in a row. */
export interface DashboardSection {
  readonly heading: string;
  readonly graphs: readonly Graph[];
}

export interface DashboardProps {
  readonly dashboardName: string;
  readonly region: string;
  readonly sections: readonly DashboardSection[];
  /** ARNs; their states are shown first. */
  readonly alarmArns: readonly string[];
}

/** CloudWatch's grid has 24 columns. */
const COLUMNS = 24;
const GRAPH_WIDTH = 8;
const GRAPH_HEIGHT = 6;
const HEADING_HEIGHT = 1;
const ALARMS_HEIGHT = 4;
const PERIOD_SECONDS = 300;

/** One page that tells how a system is. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export class Dashboard extends Construct {
  public constructor(scope: Construct, id: string, { alarmArns, dashboardName, region, sections }: DashboardProps) {
    super(scope, id);
    const alarms = {
      type: "alarm",
      ...{ x: 0, y: 0, width: COLUMNS, height: ALARMS_HEIGHT },
      properties: { title: "Alarms", alarms: alarmArns, sortBy: "stateUpdatedTimestamp" },
    };
    const widgets: object[] = [alarms];
    let y = ALARMS_HEIGHT;
    for (const { graphs, heading } of sections) {
      widgets.push({ type: "text", ...{ x: 0, y, width: COLUMNS, height: HEADING_HEIGHT }, properties: { markdown: `## ${heading}` } });
      y += HEADING_HEIGHT;
      const perRow = COLUMNS / GRAPH_WIDTH;
      for (const [index, graph] of graphs.entries()) {
        const at = { x: (index % perRow) * GRAPH_WIDTH, y: y + Math.floor(index / perRow) * GRAPH_HEIGHT };
        widgets.push({ type: "metric", ...at, width: GRAPH_WIDTH, height: GRAPH_HEIGHT, properties: propertiesOf(graph, region) });
      }
      y += Math.ceil(graphs.length / perRow) * GRAPH_HEIGHT;
    }
    new CloudwatchDashboard(this, "Resource", { dashboardName, dashboardBody: JSON.stringify({ periodOverride: "inherit", widgets }) });
  }
}

const propertiesOf = ({ isStacked = false, lines, periodSeconds = PERIOD_SECONDS, title }: Graph, region: string): object => ({
  title,
  region,
  view: "timeSeries",
  stacked: isStacked,
  period: periodSeconds,
  yAxis: { left: { min: 0 } },
  metrics: lines.flatMap((line, index) => rowsOf(line, `l${index}`)),
});

/** A metric is a row; an expression is one, too, and the metrics that it is of are hidden rows, with ids of this line's own. */
function rowsOf({ label, measure }: GraphLine, prefix: string): unknown[] {
  if ("metric" in measure) return [metricRow(measure.metric, { label })];
  const { expression, metrics } = measure;
  const ids = Object.keys(metrics);
  const renamed = ids.length === 0 ? expression : expression.replace(new RegExp(`\\b(${ids.join("|")})\\b`, "g"), `${prefix}_$1`);
  return [
    [{ expression: renamed, label, id: prefix }],
    ...Object.entries(metrics).map(([id, metric]) => metricRow(metric, { id: `${prefix}_${id}`, visible: false })),
  ];
}

const metricRow = ({ dimensions, metricName, namespace, statistic }: Metric, options: object): unknown[] => [
  namespace,
  metricName,
  ...Object.entries(dimensions).flat(),
  { ...options, stat: statistic },
];
