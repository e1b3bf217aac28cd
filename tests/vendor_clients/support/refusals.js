/** What a refusal must look like, seen through the vendor's package and on the wire. */
"use strict";

const assert = require("node:assert/strict");

/**
 * Expect a call of the rest-sdk to be refused, and return the answer's body.
 *
 * The package throws a ResponseError whose `apiError` is the JSON of the answer, so any other error here
 * means that a client would have been shown a parser's or a socket's complaint instead of our text.
 */
async function refused(promise, { status, errorCode, message } = {}) {
  const error = await promise.then(
    (value) => assert.fail(`not refused: ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  assert.equal(error.name, "ResponseError", error.stack);
  const seen = `${error.response.status} ${JSON.stringify(error.apiError)}`;
  if (status !== undefined) assert.equal(error.response.status, status, seen);
  if (errorCode !== undefined) assert.equal(error.apiError.errorCode, errorCode, seen);
  if (message !== undefined) assert.equal(error.apiError.message, message);
  assert.equal(error.message, error.apiError.message);
  assert.equal(error.response.correlationId, error.apiError.correlationId);
  return error.apiError;
}

/** Expect an answer of `call` to be the error envelope of the vendor ([K] 3.6), and return its body. */
function assertEnvelope(answer, { status, errorCode, message } = {}) {
  const seen = `${answer.status} ${answer.text}`;
  if (status !== undefined) assert.equal(answer.status, status, seen);
  assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8", seen);
  const body = answer.body;
  assert.equal(typeof body, "object", seen);
  if (errorCode !== undefined) assert.equal(body.errorCode, errorCode, seen);
  if (message !== undefined) assert.equal(body.message, message);
  assert.match(body.errorCode, /^[A-Z_]+$/, seen);
  assert.equal(typeof body.message, "string", seen);
  assert.ok(body.message, seen);
  assert.ok(body.correlationId, seen);
  assert.equal(body.correlationId, answer.headers.get("x-vol-correlation"), seen);
  assert.ok(Array.isArray(body.items), seen);
  assert.ok(Array.isArray(body.additionalErrorData), seen);
  // It would carry stack traces; the vendor's own documents show it only from development machines.
  assert.ok(!("exceptionDetail" in body), seen);
  return body;
}

module.exports = { refused, assertEnvelope };
