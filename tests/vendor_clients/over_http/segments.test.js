/** Customer segments, with the vendor's package ([K] 3.1, 3.5). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { onSite } = require("../support/account_data");
const { refused } = require("../support/refusals");
const server = require("../support/server");
const { addGuest, freshWord, signUp } = require("../support/shoppers");
const { INSTANT } = require("../support/tokens");
const { asShopper } = require("../support/rest_sdk");
const mozu = require("../support/mozu");

const { accounts, segments } = onSite(server.sports);

function define(code = freshWord()) {
  return segments.addSegment({ customerCustomerSegment: { code, name: `Segment ${code}` } });
}

test("a segment is added, read, listed, changed and deleted", async () => {
  const made = await define();
  assert.ok(Number.isInteger(made.id));
  assert.match(made.auditInfo.createDate, INSTANT);
  assert.deepEqual(await segments.getSegment({ id: made.id }), made);
  const page = await segments.getSegments({ filter: `code eq ${made.code}` });
  assert.deepEqual([page.totalCount, page.items], [1, [made]]);
  const changed = await segments.updateSegment({
    id: made.id,
    customerCustomerSegment: { ...made, description: "Since 1999" },
  });
  assert.equal(changed.description, "Since 1999");
  await segments.deleteSegment({ id: made.id });
  await refused(segments.getSegment({ id: made.id }), { status: 404, errorCode: "ITEM_NOT_FOUND" });
});

test("accounts of every set are put in and taken out, and the account shows it", async () => {
  const { id, code } = await define();
  const [john, parts] = [await addGuest(server.sports), await addGuest(server.parts)];
  await segments.addSegmentAccounts({ id, requestBody: [john.id, parts.id] });
  const listed = await accounts.getAccountSegments({ accountId: parts.id });
  assert.deepEqual([listed.totalCount, listed.items[0].code], [1, code]);
  const read = await accounts.getAccount({ accountId: john.id });
  assert.deepEqual(read.segments.map((segment) => segment.code), [code]);
  await segments.removeSegmentAccount({ id, accountId: john.id });
  assert.deepEqual((await accounts.getAccount({ accountId: john.id })).segments, []);
  await refused(segments.removeSegmentAccount({ id, accountId: john.id }), { status: 409 });
});

test("statuses are those of the vendor's own tests", async () => {
  const { id, code } = await define();
  await refused(segments.addSegment({ customerCustomerSegment: {} }), { status: 409 });
  await refused(segments.addSegment({ customerCustomerSegment: { code } }), { status: 409 });
  await refused(segments.addSegmentAccounts({ id, requestBody: [] }), { status: 400 });
  await refused(segments.deleteSegment({ id: 2147483647 }), { status: 404 });
  assert.equal((await accounts.getAccountSegments({ accountId: 2147483647 })).totalCount, 0);
});

test("a shopper reads their own segments and changes none", async () => {
  const { id, code } = await define();
  const { account, ticket } = await signUp(server.sports);
  await segments.addSegmentAccounts({ id, requestBody: [account.id] });
  const shopper = asShopper(ticket.accessToken);
  const own = await accounts.getAccountSegments({ accountId: account.id }, shopper);
  assert.deepEqual(own.items.map((segment) => segment.code), [code]);
  await refused(segments.removeSegmentAccount({ id, accountId: account.id }, shopper), { status: 403 });
});

test("mozu-node-sdk reads segments, with its slash and its empty query values", async () => {
  const { id } = await define();
  const client = mozu.onSite(server.sports, { tenantPod: `${server.baseUrl}/` });
  const found = await client.segments.getSegment({ id });
  assert.equal(found.id, id);
  assert.ok((await client.segments.getSegments()).totalCount >= 1);
});
