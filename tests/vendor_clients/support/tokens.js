/** What tickets and their tokens must look like ([K] 2.2). */
"use strict";

const assert = require("node:assert/strict");

const USER_CLAIMS = "https://www.kibocommerce.com/user_claims";
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+Z$/;
/** Behavior 1014, "full access to own account", is bit 22 of word 31. */
const OWN_ACCOUNT = { word: 31, bit: 1 << 22 };

/** Return the claims of a JWT, decoded as the vendor's storefronts do: without checking the signature. */
function jwtClaims(token) {
  const parts = token.split(".");
  assert.equal(parts.length, 3, `a JWT has three parts: ${token}`);
  return JSON.parse(Buffer.from(parts[1], "base64url").toString("utf8"));
}

/** Whether the claims hold the behavior to use one's own account. */
function mayUseOwnAccount(claims) {
  const pairs = claims[USER_CLAIMS].bv;
  return pairs.some(([word, mask]) => word === OWN_ACCOUNT.word && (mask & OWN_ACCOUNT.bit) !== 0);
}

/** Expect a ticket to have every field of the vendor's model in its form. */
function assertTicket(ticket) {
  const seen = JSON.stringify(ticket);
  assert.equal(typeof ticket.accessToken, "string", seen);
  assert.match(ticket.accessToken, /^[\x21-\x7e]+$/, "an access token travels in a header");
  assert.match(ticket.refreshToken, /^[A-Za-z0-9._~-]+$/, "a refresh token travels in a URL unencoded");
  assert.match(ticket.accessTokenExpiration, INSTANT, seen);
  assert.match(ticket.refreshTokenExpiration, INSTANT, seen);
  assert.match(ticket.userId, /^[0-9a-f]{32}$/, seen);
  assert.equal(jwtClaims(ticket.jwtAccessToken).sub, ticket.userId);
  assert.ok(ticket.requires2FA === false || ticket.requires2FA == null, seen);
}

module.exports = { USER_CLAIMS, INSTANT, jwtClaims, mayUseOwnAccount, assertTicket };
