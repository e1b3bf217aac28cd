/** Contacts, cards, notes and attributes of an account, with the vendor's package ([K] 3.1, 3.2, 3.5). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { onSite } = require("../support/account_data");
const { refused } = require("../support/refusals");
const { asShopper } = require("../support/rest_sdk");
const server = require("../support/server");
const { addGuest, freshEmailAddress, freshWord, signUp } = require("../support/shoppers");

const { accounts, definitions } = onSite(server.sports);
const UNKNOWN = 2147483647;
const CARD_NUMBER = "4111111111111111";
const HOME = {
  email: "john@shoppers.example",
  firstName: "John",
  lastNameOrSurname: "Doe",
  phoneNumbers: { home: "+15125550100" },
  address: { address1: "1 Main St", cityOrTown: "Austin", countryCode: "US", addressType: "Residential" },
  types: [{ name: "Billing", isPrimary: true }, { name: "Shipping", isPrimary: true }],
};

test("contacts are added, read, listed, changed and deleted, by the shopper too", async () => {
  const { account, ticket } = await signUp(server.sports);
  const accountId = account.id;
  const shopper = asShopper(ticket.accessToken);
  const made = await accounts.addAccountContact({ accountId, customerContact: HOME }, shopper);
  assert.deepEqual(made.types, HOME.types);
  assert.equal(made.accountId, accountId);
  const second = await accounts.addAccountContact({
    accountId,
    customerContact: { ...HOME, types: [{ name: "Billing", isPrimary: true }] },
  });
  const read = await accounts.getAccountContact({ accountId, contactId: made.id });
  assert.deepEqual(read.types, [
    { name: "Billing", isPrimary: false },
    { name: "Shipping", isPrimary: true },
  ]);
  const added = await accounts.addAccountContactList({
    accountId,
    customerContact: [{ email: "a@shoppers.example" }, { id: second.id, email: "b@shoppers.example" }],
  });
  assert.equal(added.items[1].id, second.id);
  const page = await accounts.getAccountContacts({ accountId, pageSize: 50 });
  assert.deepEqual([page.totalCount, page.pageCount, page.items.length], [3, 1, 3]);
  const changed = await accounts.updateAccountContact({
    accountId,
    contactId: made.id,
    customerContact: { ...read, label: "Home" },
  });
  assert.equal(changed.label, "Home");
  await accounts.deleteAccountContact({ accountId, contactId: made.id });
  await refused(accounts.getAccountContact({ accountId, contactId: made.id }), { status: 404 });
  await refused(accounts.addAccountContact({ accountId, customerContact: {} }), { status: 400 });
});

test("cards are tokens: added, read, listed, changed and deleted, by the shopper too", async () => {
  const { account, ticket } = await signUp(server.sports);
  const accountId = account.id;
  const shopper = asShopper(ticket.accessToken);
  const { id: contactId } = await accounts.addAccountContact({ accountId, customerContact: HOME });
  const card = {
    id: "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    cardNumberPart: "************1111",
    cardType: "VISA",
    nameOnCard: "John Doe",
    expireMonth: 12,
    expireYear: 2031,
    contactId,
    isDefaultPayMethod: true,
  };
  assert.deepEqual(await accounts.addAccountCard({ accountId, card }, shopper), card);
  assert.deepEqual(await accounts.getAccountCards({ accountId }), { items: [card], totalCount: 1 });
  const cardId = card.id;
  assert.deepEqual(await accounts.getAccountCard({ accountId, cardId }), card);
  const changed = await accounts.updateAccountCard({ accountId, cardId, card: { ...card, expireYear: 2032 } });
  assert.equal(changed.expireYear, 2032);
  await refused(accounts.addAccountCard({ accountId, card }), { status: 409, errorCode: "ITEM_ALREADY_EXISTS" });
  await accounts.deleteAccountCard({ accountId, cardId }, shopper);
  await refused(accounts.deleteAccountCard({ accountId, cardId }), { status: 409 });
});

test("a card number is refused wherever it stands, and not repeated", async () => {
  const { id: accountId } = await addGuest(server.sports);
  for (const field of ["id", "cardNumberPart", "cardType", "nameOnCard", "cardNumber"]) {
    const card = { id: "token", [field]: CARD_NUMBER };
    const error = await refused(accounts.addAccountCard({ accountId, card }), { status: 400 });
    assert.ok(!JSON.stringify(error).includes(CARD_NUMBER));
  }
  const customerContact = { ...HOME, label: "4111 1111 1111 1111" };
  await refused(accounts.addAccountContact({ accountId, customerContact }), { status: 400 });
  const customerNote = { content: `Paid with ${CARD_NUMBER}` };
  await refused(accounts.addAccountNote({ accountId, customerNote }), { status: 400 });
});

test("notes are the merchant's: a shopper sees none and writes none", async () => {
  const { account, ticket } = await signUp(server.sports);
  const accountId = account.id;
  const shopper = asShopper(ticket.accessToken);
  const customerNote = { content: "Calls back on Mondays." };
  const { id: noteId } = await accounts.addAccountNote({ accountId, customerNote });
  const changed = await accounts.updateAccountNote({ accountId, noteId, customerNote: { content: "Tuesdays." } });
  assert.deepEqual(await accounts.getAccountNote({ accountId, noteId }), changed);
  assert.deepEqual((await accounts.getAccountNotes({ accountId })).items, [changed]);
  assert.deepEqual((await accounts.getAccount({ accountId })).notes, [changed]);
  await refused(accounts.getAccountNotes({ accountId }, shopper), { status: 403 });
  await refused(accounts.addAccountNote({ accountId, customerNote }, shopper), { status: 403 });
  assert.equal((await accounts.getAccount({ accountId }, shopper)).notes, null);
  await accounts.deleteAccountNote({ accountId, noteId });
  await refused(accounts.getAccountNote({ accountId, noteId }), { status: 404 });
});

test("attributes are defined, and said of an account by whom the definition lets", async () => {
  const attributeCode = freshWord();
  const attributeFQN = `tenant~${attributeCode}`;
  const definition = { attributeCode, displayGroup: "Profile", valueType: "ShopperEntered", dataType: "String" };
  const made = await definitions.createAttribute({ customerAttribute2: definition });
  assert.equal(made.attributeFQN, attributeFQN);
  assert.deepEqual(await definitions.getAttribute({ attributeFQN }), made);
  assert.deepEqual(await definitions.getAttributeVocabularyValues({ attributeFQN }), []);
  assert.ok((await definitions.getAttributes({ pageSize: 100 })).totalCount >= 1);
  const { account, ticket } = await signUp(server.sports);
  const accountId = account.id;
  const shopper = asShopper(ticket.accessToken);
  const customerAttribute = { fullyQualifiedName: attributeFQN, values: ["golf"] };
  const said = await accounts.addAccountAttribute({ accountId, customerAttribute }, shopper);
  assert.equal(said.attributeDefinitionId, made.id);
  assert.deepEqual((await accounts.getAccount({ accountId }, shopper)).attributes, [said]);
  const anew = { accountId, attributeFQN, customerAttribute: { ...customerAttribute, values: ["chess"] } };
  assert.deepEqual((await accounts.updateAccountAttribute(anew, shopper)).values, ["chess"]);
  assert.equal((await accounts.getAccountAttributes({ accountId, pageSize: 100 })).totalCount, 1);
  await definitions.updateAttribute({ attributeFQN, customerAttribute2: { ...made, isReadOnly: true } });
  await refused(accounts.updateAccountAttribute(anew, shopper), { status: 403 });
  await accounts.deleteAccountAttribute({ accountId, attributeFQN });
  await refused(accounts.getAccountAttribute({ accountId, attributeFQN }), { status: 404 });
  await refused(accounts.addAccountAttribute({ accountId, customerAttribute: {} }), { status: 409 });
});

test("attributes and notes come along with a sign-up and with Bulk", async () => {
  const attributeCode = freshWord();
  const definition = { attributeCode, displayGroup: "Profile", valueType: "AdminEntered", dataType: "String" };
  await definitions.createAttribute({ customerAttribute2: definition });
  const beside = {
    attributes: [{ fullyQualifiedName: `tenant~${attributeCode}`, values: ["golf"] }],
    notes: [{ content: "Asked for the catalogue." }],
  };
  const { account } = await signUp(server.sports, beside);
  // As the vendor's storefront reads it right after a sign-up ([K] 8.1).
  assert.deepEqual(account.attributes[0].values, ["golf"]);
  assert.equal(account.notes, null);
  const added = await accounts.addAccounts({
    customerAccountAndAuthInfo: [{ account: { emailAddress: freshEmailAddress(), ...beside } }],
  });
  for (const accountId of [account.id, added.items[0].id]) {
    const read = await accounts.getAccount({ accountId });
    assert.deepEqual(read.attributes[0].values, ["golf"]);
    assert.equal(read.notes[0].content, "Asked for the catalogue.");
  }
  assert.deepEqual(added.items[0].attributes[0].values, ["golf"]);
});

test("what is kept on an unknown account is 404", async () => {
  const accountId = UNKNOWN;
  const expected = { status: 404, errorCode: "ITEM_NOT_FOUND" };
  await refused(accounts.getAccountContacts({ accountId }), expected);
  await refused(accounts.getAccountCards({ accountId }), expected);
  await refused(accounts.getAccountNotes({ accountId }), expected);
  await refused(accounts.getAccountAttributes({ accountId }), expected);
});
