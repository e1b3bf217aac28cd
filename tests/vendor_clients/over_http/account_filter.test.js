/** The filter of the account list: `field op value`, joined by and and or ([K] 3.4). */
"use strict";

const assert = require("node:assert/strict");
const { before, test } = require("node:test");

const { call, ACCOUNTS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const server = require("../support/server");
const { addGuest, freshWord, signUp } = require("../support/shoppers");
const { found, list, makeSample } = require("../support/list_sample");

let lastName;
let accounts;
before(async () => {
  ({ lastName, accounts } = await makeSample());
});

/** Find within the sample only. */
const within = (filter) => found(`lastName eq ${lastName} and ${filter}`);

test("eq finds what is equal", async () => {
  assert.equal(await found(`lastName eq ${lastName}`), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await within("firstName eq Ann"), "Ann");
  assert.equal(await within(`emailAddress eq bob.${lastName}@shoppers.example`), "Bob");
  assert.equal(await within(`userId eq ${accounts.Cem.userId}`), "Cem");
  assert.equal(await within(`userName eq ann-${lastName}`), "Ann");
  assert.equal(await within(`id eq ${accounts.Dee.id}`), "Dee");
});

test("ne finds the others", async () => {
  assert.equal(await within("firstName ne Ann"), "Bob Cem Dee Mary Ann");
});

test("gt, ge, lt and le compare numbers", async () => {
  const { id } = accounts.Cem;
  assert.equal(await within(`id gt ${id}`), "Dee Mary Ann");
  assert.equal(await within(`id ge ${id}`), "Cem Dee Mary Ann");
  assert.equal(await within(`id lt ${id}`), "Ann Bob");
  assert.equal(await within(`id le ${id}`), "Ann Bob Cem");
});

test("gt, ge, lt and le compare ISO 8601 dates", async () => {
  assert.equal(await within("customerSinceDate gt 2021-03-01T08:30:00.000Z"), "Dee Mary Ann");
  assert.equal(await within("customerSinceDate ge 2021-03-01T08:30:00Z"), "Cem Dee Mary Ann");
  assert.equal(await within("customerSinceDate lt 2020-06-30"), "Ann Bob");
  assert.equal(await within("customerSinceDate le 2020-03-01T08:30:00Z"), "Ann Bob");
  assert.equal(await within("customerSinceDate eq 2020-03-01T08:30:00.000Z"), "Bob");
});

test("cont finds within a value and sw at its beginning", async () => {
  assert.equal(await within("firstName cont nn"), "Ann Mary Ann");
  assert.equal(await within("firstName sw Ma"), "Mary Ann");
  assert.equal(await within("emailAddress cont .x"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await within("emailAddress sw dee."), "Dee");
});

test("characters that mean something to a database are plain characters", async () => {
  assert.equal(await within("firstName cont %"), "");
  assert.equal(await within("firstName sw _"), "");
  assert.equal(await within("companyOrOrganization eq O'Hara"), "Dee");
  assert.equal(await within("firstName eq \\"), "");
});

test("and binds closer than or", async () => {
  const clause = (firstName) => `lastName eq ${lastName} and firstName eq ${firstName}`;
  assert.equal(await found(`${clause("Ann")} or ${clause("Bob")}`), "Ann Bob");
});

test("or joins clauses over several fields, as the in-store app sends them", async () => {
  const filter = `firstName sw ${lastName} or lastName sw ${lastName} or emailAddress cont ${lastName}`;
  assert.equal(await found(filter), "Ann Bob Cem Dee Mary Ann");
});

test("field names, operators and joining words are read without case", async () => {
  assert.equal(await found(`LASTNAME EQ ${lastName} AND firstname eq Ann`), "Ann");
});

test("texts are compared without case", async () => {
  assert.equal(await within("firstName eq ANN"), "Ann");
  assert.equal(await within("firstName sw MARY"), "Mary Ann");
});

test("an unquoted value may hold spaces", async () => {
  assert.equal(await within("firstName eq Mary Ann"), "Mary Ann");
  assert.equal(await found(`firstName eq Mary Ann and lastName eq ${lastName}`), "Mary Ann");
  assert.equal(await within("companyOrOrganization eq Rook Chess Sets"), "Bob");
});

test("an unquoted value may hold the word and, where no field and operator follow", async () => {
  assert.equal(await within("companyOrOrganization eq Rook and Sons"), "Ann");
  assert.equal(await found(`companyOrOrganization eq Rook and Sons and lastName eq ${lastName}`), "Ann");
});

test("a value may stand in single quotes", async () => {
  assert.equal(
    await found(`lastName eq '${lastName}' and firstName eq 'Mary Ann' and isActive eq true`),
    "Mary Ann",
  );
  assert.equal(await within("companyOrOrganization eq 'Rook and Sons'"), "Ann");
});

test("null is a value", async () => {
  assert.equal(await within("companyOrOrganization eq null"), "Cem Mary Ann");
  assert.equal(await within("companyOrOrganization ne null"), "Ann Bob Dee");
  assert.equal(await within("userName ne null"), "Ann Bob");
});

test("true and false are values", async () => {
  assert.equal(await within("acceptsmarketing eq true"), "Ann Cem");
  assert.equal(await within("acceptsMarketing eq false"), "Bob Dee Mary Ann");
  assert.equal(await within("isActive eq true"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await within("isAnonymous eq true"), "Cem Dee Mary Ann");
});

test("dotted fields reach into the account", async () => {
  assert.equal(await within("commercesummary.wishlistcount eq 0"), "Ann Bob Cem Dee Mary Ann");
  assert.equal(await within("commerceSummary.totalOrderAmount gt 0"), "");
  assert.equal(await within("auditInfo.createDate gt 2020-01-01"), "Ann Bob Cem Dee Mary Ann");
});

test("a dotted field of the contacts finds an account that has such a contact", async () => {
  assert.equal(await within("contacts.firstname eq Robert"), "Bob");
  assert.equal(await within("contacts.lastnameorsurname sw Bish"), "Bob");
  assert.equal(await within(`contacts.email eq second@${lastName}.example`), "Bob");
  assert.equal(await within("contacts.firstname eq Nobody"), "");
});

test("the list is the tenant's, and customerSet eq narrows it to one set", async () => {
  const shared = freshWord();
  await signUp(server.sports, { firstName: "Consumer", lastName: shared });
  await addGuest(server.business, { firstName: "Business", lastName: shared });
  assert.equal(await found(`lastName eq ${shared}`), "Business Consumer");
  assert.equal(await found(`lastName eq ${shared} and customerSet eq b2c`), "Consumer");
  assert.equal(await found(`customerSet eq b2b and lastName eq ${shared}`), "Business");
});

test("a filter that cannot be read is 400 in the envelope", async () => {
  for (const filter of ["firstName", "firstName like A", "eq Ann", "firstName eq", "and"]) {
    await refused(list({ filter }), { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
  }
});

test("a filter by a field that accounts do not have is 400 in the envelope", async () => {
  for (const field of ["noSuchField", "password", "passwordHash", "contacts.noSuchField"]) {
    await refused(list({ filter: `${field} eq 1` }), { status: 400 });
  }
});

test("a value that the field cannot have is 400 or finds nothing, and is no server error", async () => {
  for (const filter of ["id eq many", "customerSinceDate gt soon", "isActive eq perhaps"]) {
    const answer = await call("GET", `${ACCOUNTS}?filter=${encodeURIComponent(filter)}`, {
      site: server.sports,
    });
    if (answer.status === 200) assert.equal(answer.body.totalCount, 0, filter);
    else assertEnvelope(answer, { status: 400 });
  }
});
