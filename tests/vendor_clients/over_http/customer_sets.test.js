/** Customer sets, as getCustomerSets and getCustomerSet read them ([K] 1.1, 1.2). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, CUSTOMER_SETS } = require("../support/calls");
const { refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");
const { INSTANT } = require("../support/tokens");

const { customerSets } = onSite(server.sports);

test("getCustomerSets lists every set of the tenant with its paging figures", async () => {
  const page = await customerSets.getCustomerSets();
  assert.deepEqual(page.items.map((set) => set.code).sort(), ["b2b", "b2c", "default"]);
  assert.equal(page.startIndex, 0);
  assert.equal(page.pageSize, 20);
  assert.equal(page.pageCount, 1);
  assert.equal(page.totalCount, 3);
});

test("exactly one set is the default", async () => {
  const { items } = await customerSets.getCustomerSets();
  const flagged = items.filter((set) => set.isDefault);
  assert.deepEqual(
    flagged.map((set) => set.code),
    ["default"],
  );
  assert.ok(items.every((set) => typeof set.isDefault === "boolean"));
});

test("getCustomerSet has code, name, description, audit info, customer count and sites", async () => {
  const set = await customerSets.getCustomerSet({ code: "b2c" });
  assert.equal(set.code, "b2c");
  assert.equal(typeof set.name, "string");
  assert.ok("description" in set);
  assert.equal(set.isDefault, false);
  assert.match(set.auditInfo.createDate, INSTANT);
  assert.ok(Number.isInteger(set.aggregateInfo.customerCount));
  assert.deepEqual(
    [...set.sites].sort((one, other) => one.siteId - other.siteId),
    [server.sports, server.kids]
      .map((site) => ({ siteId: site.id, name: site.name, customerSetCode: "b2c" }))
      .sort((one, other) => one.siteId - other.siteId),
  );
});

test("a new account counts in the set of the site it was made on, and in no other", async () => {
  const counts = async () => {
    const { items } = await customerSets.getCustomerSets();
    return Object.fromEntries(items.map((set) => [set.code, set.aggregateInfo.customerCount]));
  };
  const before = await counts();
  await signUp(server.fifth);
  const after = await counts();
  assert.deepEqual(after, { ...before, default: before.default + 1 });
});

test("an unknown set is 404 ITEM_NOT_FOUND and reaches ResponseError.apiError", async () => {
  await refused(customerSets.getCustomerSet({ code: "no-such-set" }), {
    status: 404,
    errorCode: "ITEM_NOT_FOUND",
  });
});

test("codes are compared without case", async () => {
  assert.equal((await customerSets.getCustomerSet({ code: "B2C" })).code, "b2c");
});

test("startIndex is an item offset and pageCount is the total by the page size", async () => {
  const page = await customerSets.getCustomerSets({ startIndex: 1, pageSize: 2, sortBy: "code" });
  assert.deepEqual(
    page.items.map((set) => set.code),
    ["b2c", "default"],
  );
  assert.equal(page.startIndex, 1);
  assert.equal(page.pageSize, 2);
  assert.equal(page.pageCount, 2);
  assert.equal(page.totalCount, 3);
});

test("sets are sorted as asked, ascending by default", async () => {
  const codes = async (sortBy) =>
    (await customerSets.getCustomerSets({ sortBy })).items.map((set) => set.code);
  assert.deepEqual(await codes("code"), ["b2b", "b2c", "default"]);
  assert.deepEqual(await codes("code desc"), ["default", "b2c", "b2b"]);
});

test("responseFields trims the answer", async () => {
  const page = await customerSets.getCustomerSets({ responseFields: "items(code),totalCount" });
  assert.deepEqual(Object.keys(page).sort(), ["items", "totalCount"]);
  assert.ok(page.items.every((set) => Object.keys(set).join() === "code"));
  const set = await customerSets.getCustomerSet({ code: "b2b", responseFields: "code,name" });
  assert.deepEqual(Object.keys(set).sort(), ["code", "name"]);
});

test("responseGroups is accepted", async () => {
  const page = await customerSets.getCustomerSets({ responseGroups: "Sites" });
  assert.equal(page.totalCount, 3);
});

test("older clients call the list with a trailing slash and empty query values", async () => {
  const answer = await call("GET", `${CUSTOMER_SETS}/?startIndex=&pageSize=&sortBy=&responseFields=`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.totalCount, 3);
});
