/** A reporter for Node's test runner: one JSON object a line for each test that ended, for pytest to read. */

import { inspect } from "node:util";

/** The failure as a person wants to read it: the assertion with its difference and where it stands. */
function described(error) {
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.stack : inspect(cause);
}

export default async function* jsonLines(events) {
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    const { name, nesting, skip, details } = data;
    const failure = type === "test:fail" ? described(details.error) : null;
    yield `${JSON.stringify({ name, nesting, skipped: skip !== undefined, failure })}\n`;
  }
}
