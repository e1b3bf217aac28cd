/** The JWT in a ticket: the vendor's claim names, and a signature that services can verify ([K] 2.2). */
"use strict";

const assert = require("node:assert/strict");
const { createPublicKey, verify } = require("node:crypto");
const { test } = require("node:test");

const { call } = require("../support/calls");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");
const { USER_CLAIMS, jwtClaims, mayUseOwnAccount } = require("../support/tokens");

test("the JWT has the vendor's registered claims", async () => {
  const { ticket } = await signUp(server.sports);
  const claims = jwtClaims(ticket.jwtAccessToken);
  assert.equal(claims.sub, ticket.userId);
  assert.equal(claims.unique_name, ticket.userId);
  assert.ok(claims.sid && claims.iss && claims.aud);
  assert.ok(claims.nbf <= claims.exp && claims.iat <= claims.exp);
  assert.ok(Math.abs(claims.exp - new Date(ticket.accessTokenExpiration) / 1000) <= 1);
});

test("the shopper's claims name account, site and tenant, and the right to the own account", async () => {
  const { ticket, account } = await signUp(server.kids, { firstName: "Stacy", lastName: "Moore" });
  const claims = jwtClaims(ticket.jwtAccessToken);
  const shopper = claims[USER_CLAIMS];
  assert.equal(String(shopper.anon), "0");
  assert.equal(shopper.uid, ticket.userId);
  assert.equal(shopper.st, "Shopper");
  assert.ok(Array.isArray(shopper.bv));
  assert.ok(mayUseOwnAccount(claims));
  assert.equal(String(shopper["b.AccountId"]), String(account.id));
  assert.equal(String(shopper["b.SiteId"]), String(server.kids.id));
  assert.equal(String(shopper["b.TenantId"]), String(server.tenantId));
  assert.equal(shopper["b.UserFirstName"], "Stacy");
  assert.equal(shopper["b.UserLastName"], "Moore");
});

test("the vendor's storefronts decode the JWT of an anonymous shopper too", async () => {
  const ticket = await onSite(server.sports).tickets.createAnonymousShopperAuthTicket();
  assert.ok(Array.isArray(jwtClaims(ticket.jwtAccessToken)[USER_CLAIMS].bv));
});

test("the signature verifies with a published key", async () => {
  const { ticket } = await signUp(server.sports);
  const [header, claims, signature] = ticket.jwtAccessToken.split(".");
  const { alg, kid } = JSON.parse(Buffer.from(header, "base64url"));
  assert.equal(alg, "ES256");
  const answer = await call("GET", "/.well-known/jwks.json", { application: false });
  assert.equal(answer.status, 200, answer.text);
  const jwk = answer.body.keys.find((key) => key.kid === kid);
  assert.ok(jwk, `the key ${kid} is published`);
  assert.ok(!("d" in jwk), "only the public half is published");
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const signed = Buffer.from(`${header}.${claims}`);
  assert.ok(verify("sha256", signed, key, Buffer.from(signature, "base64url")));
});
