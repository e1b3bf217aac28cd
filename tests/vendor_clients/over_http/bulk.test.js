/** Bulk: many accounts, with or without a login, in one call ([K] 3.1, 3.2, 3.5). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, freshEmailAddress, signIn } = require("../support/shoppers");

const { accounts } = onSite(server.sports);

test("Bulk gives the new accounts as a collection, those with a password with a login", async () => {
  const [registered, guest] = [freshEmailAddress(), freshEmailAddress()];
  const added = await accounts.addAccounts({
    customerAccountAndAuthInfo: [
      {
        account: { emailAddress: registered, userName: registered, firstName: "A", lastName: "B" },
        password: PASSWORD,
        isImport: true,
      },
      { account: { emailAddress: guest, firstName: "C", lastName: "D" } },
    ],
  });
  assert.equal(added.totalCount, 2);
  assert.deepEqual(
    added.items.map((account) => account.emailAddress),
    [registered, guest],
  );
  assert.deepEqual(
    added.items.map((account) => account.isAnonymous),
    [false, true],
  );
  assert.ok(added.items.every((account) => account.customerSet === "b2c"));
  assert.equal((await signIn(server.kids, registered)).customerAccount.id, added.items[0].id);
});

test("Bulk is answered 201", async () => {
  const answer = await call("POST", `${ACCOUNTS}/Bulk`, {
    site: server.sports,
    json: [{ account: { emailAddress: freshEmailAddress() } }],
  });
  assert.equal(answer.status, 201, answer.text);
});

test("Bulk with a null body is 400", async () => {
  const answer = await call("POST", `${ACCOUNTS}/Bulk`, { site: server.sports, json: null });
  assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
});

test("a username that is taken within one Bulk is refused in the envelope", async () => {
  const emailAddress = freshEmailAddress();
  const one = { account: { emailAddress, userName: emailAddress }, password: PASSWORD };
  const answer = await call("POST", `${ACCOUNTS}/Bulk`, { site: server.sports, json: [one, one] });
  assertEnvelope(answer);
  assert.ok([400, 409].includes(answer.status), `${answer.status}`);
});

test("a customer since date may be set on import", async () => {
  const added = await accounts.addAccounts({
    customerAccountAndAuthInfo: [
      {
        account: {
          emailAddress: freshEmailAddress(),
          customerSinceDate: "2015-06-30T12:00:00.000Z",
        },
        isImport: true,
      },
    ],
  });
  assert.equal(new Date(added.items[0].customerSinceDate).toISOString(), "2015-06-30T12:00:00.000Z");
});
