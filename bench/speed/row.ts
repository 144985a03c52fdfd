/** Who is measured, and its name in the tables. */
export const SUBJECTS = {
  ours: 'this package in Node-RED, socket → next node',
  bare: 'bare node in Node-RED: `ws`, two `JSON.parse`, `send`',
  'pusher-js': 'pusher-js 8 alone',
  ws: '`ws` and two `JSON.parse`, alone',
} as const;

/** A figure that has a goal. */
export interface Row {
  readonly figure: string;
  readonly target: string;
  readonly measured: string;
  readonly reached: boolean;
}

/** A figure without a goal, for those who want to look closer. */
export interface Figure {
  readonly subject: string;
  readonly value: number;
  readonly unit: string;
}

/** A ratio as the tables have it. */
export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

/** A row for a figure that must not exceed its goal. */
export function atMost(figure: string, value: number, goal: number, unit: string, digits = 1): Row {
  return {
    figure,
    target: `≤ ${goal.toLocaleString('en-US')} ${unit}`.trim(),
    measured: `${value.toFixed(digits)} ${unit}`.trim(),
    reached: value <= goal,
  };
}
