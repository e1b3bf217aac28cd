/** What holds for every call: errors, headers, paths, queries, JSON names, dates, ids ([K] A1 to A9). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { applicationToken } = require("../support/application");
const { call, ACCOUNTS, CUSTOMER_SETS, TICKETS } = require("../support/calls");
const { assertEnvelope } = require("../support/refusals");
const { onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { PASSWORD, freshEmailAddress, signUp } = require("../support/shoppers");
const { INSTANT } = require("../support/tokens");

const site = server.sports;

test("every refusal is the JSON envelope, whatever the reason", async () => {
  const reasons = {
    "no such path": [404, "GET", "/api/commerce/customer/nowhere"],
    "no such path at all": [404, "GET", "/nowhere/at/all"],
    "no such method": [405, "DELETE", CUSTOMER_SETS],
    "no such account": [404, "GET", `${ACCOUNTS}/2147483647`],
    "a query value of the wrong kind": [400, "GET", `${ACCOUNTS}?pageSize=many`],
    "a filter that cannot be read": [400, "GET", `${ACCOUNTS}?filter=firstName`],
  };
  for (const [reason, [status, method, path]] of Object.entries(reasons)) {
    const answer = await call(method, path, { site });
    assert.equal(answer.status, status, `${reason}: ${answer.status} ${answer.text}`);
    assertEnvelope(answer);
  }
});

test("a body that is not JSON is 400 in the envelope", async () => {
  for (const payload of ["{", "not json", "[1,", "\u0000", '{"username": "\\ud800"}']) {
    const answer = await call("POST", TICKETS, {
      site,
      payload,
      headers: { "content-type": "application/json" },
    });
    assertEnvelope(answer, { status: 400 });
  }
});

test("a body of another JSON kind than asked for is 400 in the envelope", async () => {
  for (const json of [[], "text", 1, true]) {
    assertEnvelope(await call("POST", TICKETS, { site, json }), { status: 400 });
    assertEnvelope(await call("POST", ACCOUNTS, { site, json }), { status: 400 });
  }
  const wrong = { username: { name: "John" }, password: ["Racket2024"] };
  assertEnvelope(await call("POST", TICKETS, { site, json: wrong }), { status: 400 });
});

test("no application is 401 in the envelope", async () => {
  for (const [method, path] of [
    ["GET", CUSTOMER_SETS],
    ["GET", ACCOUNTS],
    ["GET", `${TICKETS}/anonymousshopper`],
    ["POST", TICKETS],
  ]) {
    const answer = await call(method, path, { site, application: false });
    assertEnvelope(answer, { status: 401 });
  }
});

test("an application token that we never gave is 401 in the envelope", async () => {
  for (const authorization of ["Bearer never-given", "Bearer", "Basic YTpi", "never-given"]) {
    const answer = await call("GET", CUSTOMER_SETS, {
      site,
      application: false,
      headers: { authorization },
    });
    assertEnvelope(answer, { status: 401 });
  }
});

test("a shopper's token is no application token", async () => {
  const { ticket } = await signUp(site);
  for (const token of [ticket.accessToken, ticket.jwtAccessToken, ticket.refreshToken]) {
    const answer = await call("GET", ACCOUNTS, {
      site,
      application: false,
      headers: { authorization: `Bearer ${token}` },
    });
    assertEnvelope(answer);
    assert.ok([401, 403].includes(answer.status), `${answer.status}`);
  }
});

test("the application's token rides in Authorization or in x-vol-app-claims", async () => {
  const answer = await call("GET", CUSTOMER_SETS, {
    site,
    application: false,
    headers: { "x-vol-app-claims": await applicationToken() },
  });
  assert.equal(answer.status, 200, answer.text);
});

test("every answer has a correlation id of its own and the JSON content type", async () => {
  const answers = await Promise.all(
    [CUSTOMER_SETS, ACCOUNTS, `${TICKETS}/anonymousshopper`].map((path) => call("GET", path, { site })),
  );
  for (const answer of answers) {
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
  }
  const ids = new Set(answers.map((answer) => answer.headers.get("x-vol-correlation")));
  assert.equal(ids.size, answers.length);
  assert.ok(!ids.has(null));
});

test("paths are read without case and with or without a slash at the end", async () => {
  const paths = [
    "/api/commerce/customer/customersets",
    "/API/Commerce/Customer/CUSTOMERSETS",
    "/api/commerce/customer/customerSets/",
    "/api/commerce/customer/customerSets/b2c/",
    "/api/commerce/customer/accounts/",
    "/api/commerce/customer/AuthTickets/AnonymousShopper",
    "/api/commerce/customer/authtickets/anonymousshopper/",
    `/api/platform/Tenants/${server.tenantId}/`,
  ];
  for (const path of paths) {
    const answer = await call("GET", path, { site });
    assert.equal(answer.status, 200, `${path}: ${answer.status} ${answer.text}`);
  }
});

test("the lower-case operation names of older storefronts work", async () => {
  const emailAddress = freshEmailAddress();
  const added = await call("POST", `${ACCOUNTS}/add-account-and-login`, {
    site,
    json: { account: { emailAddress, userName: emailAddress }, password: PASSWORD },
  });
  assert.equal(added.status, 201, added.text);
  const { id } = added.body.customerAccount;
  const changed = await call("POST", `${ACCOUNTS}/${id}/change-password`, {
    site,
    json: { oldPassword: PASSWORD, newPassword: "Shuttle2025" },
  });
  assert.equal(changed.status, 200, changed.text);
  const reset = await call("POST", `${ACCOUNTS}/reset-password`, { site, json: { emailAddress } });
  assert.equal(reset.status, 200, reset.text);
});

test("an empty query value is the same as none, and unknown keys are ignored", async () => {
  const empty = "startIndex=&pageSize=&sortBy=&filter=&fields=&q=&qLimit=&isAnonymous=&responseFields=";
  const answer = await call("GET", `${ACCOUNTS}/?${empty}&responseGroups=&noSuchKey=1`, { site });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.pageSize, 20);
  assert.equal(answer.body.startIndex, 0);
});

test("query names are read without case", async () => {
  const answer = await call("GET", `${ACCOUNTS}?PageSize=1&STARTINDEX=0`, { site });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.pageSize, 1);
});

test("JSON names are read without case, and unknown ones are ignored", async () => {
  const emailAddress = freshEmailAddress();
  const answer = await call("POST", `${ACCOUNTS}/Add-Account-And-Login`, {
    site,
    json: {
      Account: {
        EmailAddress: emailAddress,
        USERNAME: emailAddress,
        firstname: "John",
        LastName: "Doe",
        noSuchName: { deep: [1, null] },
      },
      PassWord: PASSWORD,
      noSuchName: true,
    },
  });
  assert.equal(answer.status, 201, answer.text);
  const account = answer.body.customerAccount;
  assert.deepEqual(
    [account.emailAddress, account.userName, account.firstName, account.lastName],
    [emailAddress, emailAddress, "John", "Doe"],
  );
});

test("dates are ISO 8601 in UTC with fractional seconds and Z", async () => {
  const { account, ticket } = await signUp(site);
  const { auditInfo, customerSinceDate } = await onSite(site).accounts.getAccount({
    accountId: account.id,
  });
  for (const instant of [
    auditInfo.createDate,
    auditInfo.updateDate,
    customerSinceDate,
    ticket.accessTokenExpiration,
    ticket.refreshTokenExpiration,
  ]) {
    assert.match(instant, INSTANT);
  }
});

test("a site that the tenant does not have is refused", async () => {
  const unknown = { id: 2147483647 };
  const json = { username: "stacy", password: PASSWORD };
  const answer = await call("POST", TICKETS, { site: unknown, json });
  assertEnvelope(answer);
  assert.ok([400, 401, 403, 404].includes(answer.status), `${answer.status}`);
});

test("a tenant that the application does not serve is refused", async () => {
  const answer = await call("GET", CUSTOMER_SETS, { headers: { "x-vol-tenant": "2147483647" } });
  assertEnvelope(answer);
  assert.ok([400, 401, 403, 404].includes(answer.status), `${answer.status}`);
});

test("site and tenant headers that are no numbers are refused in the envelope", async () => {
  for (const value of ["abc", "-1", "1.5", "99999999999999999999"]) {
    for (const header of ["x-vol-site", "x-vol-tenant"]) {
      const tenant = { "x-vol-tenant": String(server.tenantId) };
      const answer = await call("POST", TICKETS, {
        headers: { ...tenant, [header]: value },
        json: { username: "stacy", password: PASSWORD },
      });
      assertEnvelope(answer);
      assert.ok(answer.status >= 400 && answer.status < 500, `${header}: ${value}: ${answer.status}`);
    }
  }
});
