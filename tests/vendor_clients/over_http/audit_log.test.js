/** The audit log of an account, with the vendor's package: an entry for each field that changed ([K] 3.1, 3.2). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { onSite } = require("../support/account_data");
const { refused } = require("../support/refusals");
const { asShopper } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");
const { INSTANT } = require("../support/tokens");

const { accounts } = onSite(server.sports);
const UNKNOWN = 2147483647;

test("getAccountAuditLog tells who changed which field from what to what, newest first", async () => {
  const { account, ticket } = await signUp(server.sports, { firstName: "John" });
  const accountId = account.id;
  const before = await accounts.getAccountAuditLog({ accountId });
  const shopper = asShopper(ticket.accessToken);
  await accounts.updateAccount({ accountId, customerAccount: { firstName: "Johnny" } }, shopper);
  const customerContact = { email: "j@shoppers.example", firstName: "J", address: { cityOrTown: "Austin" } };
  const contact = await accounts.addAccountContact({ accountId, customerContact });
  const log = await accounts.getAccountAuditLog({ accountId, pageSize: 200 });
  const byPath = Object.fromEntries(log.items.slice(0, log.totalCount - before.totalCount).map((one) => [one.fieldPath, one]));
  const renamed = byPath["/Customer/FirstName"];
  assert.deepEqual([renamed.oldValue, renamed.newValue], ["John", "Johnny"]);
  assert.equal(renamed.entryUser, `shopper:${account.userId}`);
  assert.equal(renamed.customerAccountId, accountId);
  assert.equal(renamed.site, String(server.sports.id));
  assert.match(renamed.entryDate, INSTANT);
  assert.ok(Number.isInteger(renamed.customerAuditEntryId));
  // The vendor's own sample: /Customer/Contacts/1/FirstName.
  const added = byPath[`/Customer/Contacts/${contact.id}/FirstName`];
  assert.deepEqual([added.oldValue, added.newValue], [null, "J"]);
  assert.equal(added.application, server.application.clientId);
  assert.ok(log.items.indexOf(added) < log.items.indexOf(renamed), "newest first");
});

test("getAccountAuditLog gives pages, and nothing to shoppers or of unknown accounts", async () => {
  const { account, ticket } = await signUp(server.sports);
  const accountId = account.id;
  const whole = await accounts.getAccountAuditLog({ accountId, pageSize: 200 });
  const second = await accounts.getAccountAuditLog({ accountId, startIndex: 1, pageSize: 1 });
  assert.deepEqual(second.items, [whole.items[1]]);
  assert.deepEqual([second.startIndex, second.pageSize, second.pageCount], [1, 1, whole.totalCount]);
  await refused(accounts.getAccountAuditLog({ accountId }, asShopper(ticket.accessToken)), { status: 403 });
  await refused(accounts.getAccountAuditLog({ accountId: UNKNOWN }), { status: 404, errorCode: "ITEM_NOT_FOUND" });
});
