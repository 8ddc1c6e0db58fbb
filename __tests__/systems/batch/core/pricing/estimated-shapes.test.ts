import { compare, SHAPES } from "./estimated-shapes";

/** Of the simulated value. */
const TOLERANCE = 0.15;

test("there are twenty shapes and more, on both routes", () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(20);
  expect(new Set(SHAPES.map(({ route }) => route)).size).toBe(2);
});

test.each(SHAPES.map((shape) => [shape.name, shape] as const))(
  "%s: the estimate is near what the simulator lives through",
  (_name, shape) => {
    const { estimated, instances, simulated, workers } = compare(shape);
    expect(instances).toBeGreaterThanOrEqual(workers);
    expect(Math.abs(estimated.seconds / simulated.seconds - 1)).toBeLessThan(TOLERANCE);
    expect(Math.abs(estimated.computeUsd / simulated.computeUsd - 1)).toBeLessThan(TOLERANCE);
  },
);
