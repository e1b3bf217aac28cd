/** The ticket of a shopper who has not signed in ([K] 2.3). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call, TICKETS } = require("../support/calls");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");
const { USER_CLAIMS, assertTicket, jwtClaims } = require("../support/tokens");

const { tickets } = onSite(server.sports);

test("an anonymous shopper gets a normal ticket with no account", async () => {
  const ticket = await tickets.createAnonymousShopperAuthTicket();
  assertTicket(ticket);
  assert.equal(ticket.customerAccount ?? null, null);
  assert.equal(String(jwtClaims(ticket.jwtAccessToken)[USER_CLAIMS].anon), "1");
});

test("each anonymous shopper has a user id of its own", async () => {
  const first = await tickets.createAnonymousShopperAuthTicket();
  const second = await tickets.createAnonymousShopperAuthTicket();
  assert.notEqual(first.userId, second.userId);
});

test("the anonymous ticket is answered 200", async () => {
  const answer = await call("GET", `${TICKETS}/anonymousshopper`, { site: server.sports });
  assert.equal(answer.status, 200, answer.text);
});

test("an anonymous ticket can be refreshed like any other", async () => {
  const first = await tickets.createAnonymousShopperAuthTicket();
  const second = await tickets.refreshUserAuthTicket({ refreshToken: first.refreshToken });
  assertTicket(second);
  assert.equal(second.userId, first.userId);
  assert.equal(second.customerAccount ?? null, null);
});

test("the anonymous id before sign-in is carried over, so that carts can be merged", async () => {
  const { username, password } = await signUp(server.sports);
  const anonymous = await tickets.createAnonymousShopperAuthTicket();
  const ticket = await tickets.createUserAuthTicket(
    { customerUserAuthInfo: { username, password } },
    asShopper(anonymous.accessToken),
  );
  const claims = jwtClaims(ticket.jwtAccessToken)[USER_CLAIMS];
  assert.equal(claims["b.PreviousAnonymousId"], anonymous.userId);
});
