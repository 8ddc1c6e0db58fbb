import type { UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import type { RowChange, RowCondition, RowValue } from "../ports/row-store";

type Expressions = Pick<
  UpdateCommandInput,
  "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues" | "UpdateExpression"
>;

/**
 * Names and values of a request's expressions. Both are placeholders throughout: an attribute may be called like one of DynamoDB's
 * reserved words. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
 */
class Placeholders {
  private readonly names = new Map<string, string>();
  private readonly values: RowValue[] = [];

  public name(attribute: string): string {
    const known = this.names.get(attribute);
    if (known !== undefined) return known;
    const placeholder = `#n${this.names.size}`;
    this.names.set(attribute, placeholder);
    return placeholder;
  }

  public value(value: RowValue): string {
    return `:v${this.values.push(value) - 1}`;
  }

  /** DynamoDB refuses empty maps. */
  public maps(): Pick<Expressions, "ExpressionAttributeNames" | "ExpressionAttributeValues"> {
    const names = [...this.names].map(([attribute, placeholder]) => [placeholder, attribute] as const);
    const values = this.values.map((value, index) => [`:v${index}`, value] as const);
    return {
      ...(names.length === 0 ? {} : { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(values.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(values) }),
    };
  }
}

/**
 * A change on a condition in DynamoDB's language. Without any part of a change there is no UpdateExpression: DynamoDB then creates the
 * row if it is absent, as the port does.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
export function toExpressions(change: RowChange, condition: RowCondition | undefined): Expressions {
  const placeholders = new Placeholders();
  const update = updateExpression(change, placeholders);
  const test = condition === undefined ? undefined : testOf(condition, placeholders).text;
  return {
    ...(update === "" ? {} : { UpdateExpression: update }),
    ...(test === undefined ? {} : { ConditionExpression: test }),
    ...placeholders.maps(),
  };
}

function updateExpression(change: RowChange, to: Placeholders): string {
  const { set = {}, setIfAbsent = {}, add = {}, append = {}, remove = [] } = change;
  const orElse = (attribute: string, value: RowValue): string => `if_not_exists(${to.name(attribute)}, ${to.value(value)})`;
  const sets = [
    ...Object.entries(set).map(([attribute, value]) => `${to.name(attribute)} = ${to.value(value)}`),
    ...Object.entries(setIfAbsent).map(([attribute, value]) => `${to.name(attribute)} = ${orElse(attribute, value)}`),
    ...Object.entries(add).map(([attribute, amount]) => `${to.name(attribute)} = ${orElse(attribute, 0)} + ${to.value(amount)}`),
    ...Object.entries(append).map(
      ([attribute, entries]) => `${to.name(attribute)} = list_append(${orElse(attribute, [])}, ${to.value(entries)})`,
    ),
  ];
  const clauses = [
    ...(sets.length === 0 ? [] : [`SET ${sets.join(", ")}`]),
    ...(remove.length === 0 ? [] : [`REMOVE ${remove.map((attribute) => to.name(attribute)).join(", ")}`]),
  ];
  return clauses.join(" ");
}

/** Tests joined by an operator need parentheses where another operator joins them again; DynamoDB refuses any more than that. */
interface Test {
  readonly text: string;
  readonly isJoined: boolean;
}

/**
 * In DynamoDB `<>` is true of an absent attribute (https://github.com/truora/minidyn/issues/23), in the port every comparison with one
 * is false; `=` is false in both.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
function testOf(condition: RowCondition, to: Placeholders): Test {
  if ("all" in condition) return join(condition.all, " AND ", to);
  if ("any" in condition) return join(condition.any, " OR ", to);
  const name = to.name(condition.attribute);
  if ("is" in condition) return single(condition.is === "absent" ? `attribute_not_exists(${name})` : `attribute_exists(${name})`);
  if ("equals" in condition) return single(`${name} = ${to.value(condition.equals)}`);
  return { text: `attribute_exists(${name}) AND ${name} <> ${to.value(condition.differsFrom)}`, isJoined: true };
}

const single = (text: string): Test => ({ text, isJoined: false });

function join(conditions: readonly RowCondition[], operator: string, to: Placeholders): Test {
  const tests = conditions.map((condition) => testOf(condition, to));
  const [first, ...others] = tests;
  if (first !== undefined && others.length === 0) return first;
  return { text: tests.map(({ isJoined, text }) => (isJoined ? `(${text})` : text)).join(operator), isJoined: true };
}
