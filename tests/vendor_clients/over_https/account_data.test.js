/** What is kept on an account, with the package configured by client credentials. */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { clients } = require("../support/account_data");
const { withClientCredentials } = require("../support/rest_sdk");
const server = require("../support/server");
const { freshWord } = require("../support/shoppers");

test("segments, contacts and cards work with client credentials", async () => {
  const { accounts, segments } = clients(withClientCredentials(server.sports));
  const { id: accountId } = await accounts.addAccount({ customerAccount: { firstName: "Guest" } });
  const segment = await segments.addSegment({ customerCustomerSegment: { code: freshWord() } });
  await segments.addSegmentAccounts({ id: segment.id, requestBody: [accountId] });
  const customerContact = { email: "guest@shoppers.example", types: [{ name: "Billing", isPrimary: true }] };
  const { id: contactId } = await accounts.addAccountContact({ accountId, customerContact });
  await accounts.addAccountCard({ accountId, card: { id: "token", cardNumberPart: "1111", contactId } });
  const read = await accounts.getAccount({ accountId });
  assert.deepEqual(read.segments.map(({ code }) => code), [segment.code]);
  assert.deepEqual(read.contacts.map(({ id }) => id), [contactId]);
  assert.equal((await accounts.getAccountCards({ accountId })).items[0].contactId, contactId);
});
