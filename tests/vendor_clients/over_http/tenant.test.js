/** The tenant look-up, which tells the vendor's clients where the tenant is served ([K] 5.3). */
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { call } = require("../support/calls");
const { assertEnvelope } = require("../support/refusals");
const server = require("../support/server");

const TENANTS = "/api/platform/tenants";

test("the tenant has id, name, domain, sites and master catalogs, status 200", async () => {
  const answer = await call("GET", `${TENANTS}/${server.tenantId}`);
  assert.equal(answer.status, 200, answer.text);
  const tenant = answer.body;
  assert.equal(tenant.id, server.tenantId);
  assert.equal(typeof tenant.name, "string");
  assert.equal(tenant.domain, server.host, "the domain is where the demo is served, without a scheme");
  assert.ok(Array.isArray(tenant.masterCatalogs));
});

test("each site has its id twice, as the vendor's code and its model name it", async () => {
  const { body } = await call("GET", `${TENANTS}/${server.tenantId}`);
  const expected = [server.sports, server.kids, server.business, server.parts, server.fifth];
  assert.deepEqual(
    body.sites.map((site) => site.id).sort((one, other) => one - other),
    expected.map((site) => site.id).sort((one, other) => one - other),
  );
  for (const site of body.sites) {
    assert.ok(Number.isInteger(site.id));
    assert.equal(site.siteId, site.id);
    assert.equal(site.tenantId, server.tenantId);
    assert.equal(site.name, expected.find((known) => known.id === site.id).name);
    assert.equal(typeof site.domain, "string");
  }
});

test("another tenant does not exist for the application", async () => {
  const answer = await call("GET", `${TENANTS}/2147483647`);
  assertEnvelope(answer, { status: 404, errorCode: "ITEM_NOT_FOUND" });
});

test("the look-up needs an application", async () => {
  const answer = await call("GET", `${TENANTS}/${server.tenantId}`, { application: false });
  assertEnvelope(answer, { status: 401 });
});
