/** The account list but for its filter: order, paging, quick search and what an answer holds ([K] 3.4). */
"use strict";

const assert = require("node:assert/strict");
const { before, test } = require("node:test");

const { refused } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { freshWord } = require("../support/shoppers");
const { list, makeSample } = require("../support/list_sample");

let lastName;
let accounts;
before(async () => {
  ({ lastName, accounts } = await makeSample());
});

const firstNames = (page) => page.items.map((account) => account.firstName).join(" ");

/** The first names of the sample in the order asked for. */
const sorted = async (sortBy) => firstNames(await list({ filter: `lastName eq ${lastName}`, sortBy }));

/** Make `count` guests with a last name of their own, first names G100, G101 …; returns the last name. */
async function makeGuests(count) {
  const shared = freshWord();
  await onSite(server.sports).accounts.addAccounts({
    customerAccountAndAuthInfo: Array.from({ length: count }, (_, index) => ({
      account: {
        firstName: `G${100 + index}`,
        lastName: shared,
        emailAddress: `g${index}.${shared}@shoppers.example`,
      },
    })),
  });
  return shared;
}

test("sortBy is ascending by default and takes asc and desc", async () => {
  assert.equal(await sorted("firstName"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await sorted("firstName asc"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await sorted("firstname desc"), "Mary Ann Dee Cem Bob Ann");
  assert.equal(await sorted("id"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await sorted("id desc"), "Mary Ann Dee Cem Bob Ann");
});

test("sortBy takes several fields, separated by commas", async () => {
  assert.equal(await sorted("lastName asc,firstName desc"), "Mary Ann Dee Cem Bob Ann");
  assert.equal(await sorted("acceptsMarketing desc, firstName"), "Ann Cem Bob Dee Mary Ann");
});

test("sortBy takes dates and dotted fields", async () => {
  assert.equal(await sorted("customerSinceDate desc"), "Mary Ann Dee Cem Bob Ann");
  assert.equal(await sorted("createdate asc,id asc"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await sorted("commercesummary.totalorderamount desc,id"), "Ann Bob Cem Dee Mary Ann");
});

test("sorting by a field that accounts do not have is 400", async () => {
  await refused(list({ sortBy: "noSuchField" }), { status: 400 });
});

test("25 items in pages of 10 from startIndex 5 are 3 pages, and startIndex is an item offset", async () => {
  const filter = `lastName eq ${await makeGuests(25)}`;
  const page = await list({ filter, startIndex: 5, pageSize: 10, sortBy: "firstName" });
  assert.equal(page.pageCount, 3);
  assert.equal(page.totalCount, 25);
  assert.equal(page.startIndex, 5);
  assert.equal(page.pageSize, 10);
  assert.equal(page.items.length, 10);
  assert.equal(page.items[0].firstName, "G105");
  const rest = await list({ filter, startIndex: 20, pageSize: 10, sortBy: "firstName" });
  assert.equal(rest.items.length, 5);
  const beyond = await list({ filter, startIndex: 25, pageSize: 10 });
  assert.deepEqual(beyond.items, []);
  assert.equal(beyond.totalCount, 25);
});

test("the page size is 20 by default and 200 at most", async () => {
  const filter = `lastName eq ${await makeGuests(21)}`;
  const usual = await list({ filter });
  assert.equal(usual.pageSize, 20);
  assert.equal(usual.items.length, 20);
  assert.equal(usual.pageCount, 2);
  const large = await list({ filter, pageSize: 500 });
  assert.equal(large.pageSize, 200, "the capped value is reported");
  assert.equal(large.items.length, 21);
  assert.equal(large.pageCount, 1);
});

test("pages of a list without sortBy neither repeat nor miss an account", async () => {
  const filter = `lastName eq ${await makeGuests(15)}`;
  const ids = [];
  for (let startIndex = 0; startIndex < 15; startIndex += 4) {
    const page = await list({ filter, startIndex, pageSize: 4 });
    ids.push(...page.items.map((account) => account.id));
  }
  assert.equal(new Set(ids).size, 15);
});

test("isAnonymous splits guests and registered accounts", async () => {
  const filter = `lastName eq ${lastName}`;
  const guests = await list({ filter, isAnonymous: true, sortBy: "id" });
  assert.equal(firstNames(guests), "Cem Dee Mary Ann");
  const registered = await list({ filter, isAnonymous: false, sortBy: "id" });
  assert.equal(firstNames(registered), "Ann Bob");
});

test("q finds a customer number", async () => {
  const page = await list({ q: String(accounts.Dee.id) });
  assert.ok(page.items.some((account) => account.id === accounts.Dee.id));
});

test("q finds text in first or last name, without case", async () => {
  assert.equal((await list({ q: lastName.toUpperCase() })).totalCount, 5);
  const word = freshWord();
  await onSite(server.sports).accounts.addAccount({
    customerAccount: { firstName: word, lastName: "Doe", emailAddress: `${word}@shoppers.example` },
  });
  assert.equal(firstNames(await list({ q: word })), word);
});

test("qLimit limits what the quick search finds", async () => {
  const page = await list({ q: lastName, qLimit: 2 });
  assert.equal(page.items.length, 2);
});

test("q and a filter narrow each other", async () => {
  const page = await list({ q: lastName, filter: "firstName eq Bob" });
  assert.equal(firstNames(page), "Bob");
});

test("responseFields keeps what it names and ignores unknown names", async () => {
  const page = await list({
    filter: `lastName eq ${lastName}`,
    responseFields: "items(id,emailAddress,noSuchField),totalCount,pageCount",
  });
  assert.deepEqual(Object.keys(page).sort(), ["items", "pageCount", "totalCount"]);
  for (const account of page.items) {
    assert.deepEqual(Object.keys(account).sort(), ["emailAddress", "id"]);
  }
});

test("fields keeps what it names in every item", async () => {
  const page = await list({ filter: `lastName eq ${lastName}`, fields: "id,emailAddress" });
  assert.equal(page.totalCount, 5);
  assert.ok(page.items.every((account) => account.id && account.emailAddress));
});

test("responseGroups reduces the full answer to the groups it names", async () => {
  const filter = `id eq ${accounts.Ann.id}`;
  const [full] = (await list({ filter })).items;
  assert.ok(Array.isArray(full.contacts));
  assert.equal(typeof full.commerceSummary, "object");
  const [reduced] = (await list({ filter, responseGroups: "Contacts" })).items;
  assert.ok(Array.isArray(reduced.contacts));
  assert.equal(reduced.commerceSummary ?? null, null);
  assert.equal(reduced.id, accounts.Ann.id);
  const [summary] = (await list({ filter, responseGroups: "OrderSummary" })).items;
  assert.equal(typeof summary.commerceSummary, "object");
  assert.equal(summary.contacts ?? null, null);
});
