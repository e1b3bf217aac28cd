/** Signing in: one ticket for all sites of a set, one refusal for every reason ([A], [B], [K] 2.1, 2.5). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, TICKETS } = require("../support/calls");
const { assertEnvelope, refused } = require("../support/refusals");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, addGuest, freshEmailAddress, freshWord, signIn, signUp } = require("../support/shoppers");
const { assertTicket } = require("../support/tokens");

test("a sign-in gives a ticket with the account", async () => {
  const { username, account } = await signUp(server.sports);
  const ticket = await signIn(server.sports, username);
  assertTicket(ticket);
  assert.equal(ticket.userId, account.userId);
  assert.equal(ticket.customerAccount.id, account.id);
  assert.equal(ticket.customerAccount.userName, username);
});

test("a sign-in is answered 201", async () => {
  const { username, password } = await signUp(server.sports);
  const answer = await call("POST", TICKETS, { site: server.sports, json: { username, password } });
  assert.equal(answer.status, 201, answer.text);
});

test("access lasts 15 minutes and the refresh token a day", async () => {
  const { ticket } = await signUp(server.sports);
  const seconds = (instant) => (new Date(instant) - Date.now()) / 1000;
  assert.ok(Math.abs(seconds(ticket.accessTokenExpiration) - 900) < 60);
  assert.ok(Math.abs(seconds(ticket.refreshTokenExpiration) - 86400) < 60);
});

test("an application with that behavior sets the lifetimes of a ticket, in minutes and within the limits", async () => {
  const { username, password } = await signUp(server.sports);
  const minutes = async (authTicketTtlMinutes, refreshTokenTtlMinutes) => {
    const ticket = await onSite(server.sports).tickets.createUserAuthTicket({
      customerUserAuthInfo: { username, password, authTicketTtlMinutes, refreshTokenTtlMinutes },
    });
    return [ticket.accessTokenExpiration, ticket.refreshTokenExpiration].map((instant) =>
      Math.round((new Date(instant) - Date.now()) / 60_000),
    );
  };
  assert.deepEqual(await minutes(5, 60), [5, 60]);
  const [access, refresh] = await minutes(43_200, 43_200);
  assert.ok(access < 43_200 && refresh < 43_200, `${access} ${refresh}`);
});

test("a shopper signs in with the same credentials on every site of the set", async () => {
  const { username, account } = await signUp(server.sports);
  assert.equal((await signIn(server.kids, username)).customerAccount.id, account.id);
});

test("the credentials are refused on a site of another set", async () => {
  const { username } = await signUp(server.sports);
  await refused(signIn(server.business, username), {
    status: 401,
    errorCode: "INVALID_CREDENTIALS",
  });
});

test("the ticket of one site is valid on the other sites of the set and on no others", async () => {
  const { ticket, account } = await signUp(server.sports);
  const current = (site) => onSite(site).accounts.getCurrentAccount({}, asShopper(ticket.accessToken));
  assert.equal((await current(server.kids)).id, account.id);
  for (const site of [server.business, server.parts, server.fifth]) {
    await refused(current(site), { status: 401 });
  }
});

test("the demo's shoppers sign in on their site", async () => {
  for (const shopper of server.shoppers) {
    const site = [server.sports, server.kids, server.business, server.parts, server.fifth].find(
      ({ id, name, host }) => [id, name, host].includes(shopper.site),
    );
    assert.ok(site, `the demo's shopper is on a site of the demo: ${shopper.site}`);
    const ticket = await signIn(site, shopper.username, shopper.password);
    assert.equal(ticket.customerAccount.customerSet, site.customerSet, shopper.username);
  }
});

test("an e-mail address that names one login signs in as its username does", async () => {
  const { emailAddress, account } = await signUp(server.sports, { userName: freshWord() });
  assert.equal((await signIn(server.sports, emailAddress)).customerAccount.id, account.id);
});

test("wrong password, unknown username, another set's account and a guest are one refusal", async () => {
  const consumer = await signUp(server.sports);
  const guest = await addGuest(server.business);
  const attempts = {
    "a wrong password": [server.sports, consumer.username, "Wrong2024"],
    "an unknown username": [server.sports, freshEmailAddress(), PASSWORD],
    "another set's account": [server.business, consumer.username, PASSWORD],
    "a guest account": [server.business, guest.emailAddress, PASSWORD],
  };
  const answers = [];
  for (const [reason, [site, username, password]] of Object.entries(attempts)) {
    const answer = await call("POST", TICKETS, { site, json: { username, password } });
    assertEnvelope(answer, { status: 401, errorCode: "INVALID_CREDENTIALS" });
    // What the caller itself sent may be repeated; the correlation id and the date are new on every answer.
    const body = { ...answer.body, correlationId: "" };
    const headers = [...answer.headers.keys()].sort();
    const text = JSON.stringify({ body, headers }).replaceAll(username, "the username");
    answers.push({ reason, text });
  }
  for (const { reason, text } of answers) assert.equal(text, answers[0].text, reason);
});

test("an empty body is 400 MISSING_OR_INVALID_PARAMETER", async () => {
  for (const body of [{ json: {} }, { json: null }, { payload: "" }]) {
    const answer = await call("POST", TICKETS, { site: server.sports, ...body });
    assertEnvelope(answer, { status: 400, errorCode: "MISSING_OR_INVALID_PARAMETER" });
  }
});

test("fingerprint and region are accepted", async () => {
  const { username, password } = await signUp(server.sports);
  const ticket = await onSite(server.sports).tickets.createUserAuthTicket({
    customerUserAuthInfo: { username, password, fingerprint: "f00d", region: "TX" },
  });
  assertTicket(ticket);
});

test("responseFields trims the ticket", async () => {
  const { username, password } = await signUp(server.sports);
  const ticket = await onSite(server.sports).tickets.createUserAuthTicket({
    customerUserAuthInfo: { username, password },
    responseFields: "userId,customerAccount(id)",
  });
  assert.deepEqual(Object.keys(ticket).sort(), ["customerAccount", "userId"]);
  assert.deepEqual(Object.keys(ticket.customerAccount), ["id"]);
});
