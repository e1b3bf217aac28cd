/**
 * Plain calls of the API, for what the vendor's packages hide (statuses, headers, null bodies) and for
 * storefronts that use no package at all.
 */
"use strict";

const http = require("node:http");
const https = require("node:https");

const server = require("./server");
const { applicationToken } = require("./application");

const ACCOUNTS = "/api/commerce/customer/accounts";
const TICKETS = "/api/commerce/customer/authtickets";
const CUSTOMER_SETS = "/api/commerce/customer/customerSets";
const APPLICATION_TICKETS = "/api/platform/applications/authtickets";

/**
 * Send one request and return {status, headers, text, body}; `body` is the parsed JSON, if it is JSON.
 *
 * `site`: sent as x-vol-site with the tenant. `shopper`: an access token, sent as x-vol-user-claims.
 * `json`: the body, stringified here; `payload`: the body as it is, for bodies that are no JSON.
 * `application`: false leaves the application's own token out.
 */
async function call(method, path, { site, shopper, json, payload, headers, application } = {}) {
  const sent = { ...headers };
  if (application !== false) sent.authorization = `Bearer ${await applicationToken()}`;
  if (site) {
    sent["x-vol-tenant"] = String(server.tenantId);
    sent["x-vol-site"] = String(site.id);
  }
  if (shopper) sent["x-vol-user-claims"] = shopper;
  if (json !== undefined) sent["content-type"] ??= "application/json";
  return exchange(method, path, sent, json === undefined ? payload : JSON.stringify(json));
}

/** Send a request whose Host header may differ from where it goes, which fetch would not allow. */
function exchange(method, path, headers, payload = "") {
  const { request } = server.baseUrl.startsWith("https:") ? https : http;
  const length = payload ? { "content-length": Buffer.byteLength(payload) } : {};
  return new Promise((resolve, reject) => {
    const options = { method, headers: { ...headers, ...length } };
    const sending = request(server.baseUrl + path, options, async (response) => {
      let text = "";
      response.setEncoding("utf8");
      for await (const part of response) text += part;
      resolve({
        status: response.statusCode,
        headers: new Headers(response.headers),
        text,
        body: parsed(text),
      });
    });
    sending.on("error", reject).end(payload);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

module.exports = { call, ACCOUNTS, TICKETS, CUSTOMER_SETS, APPLICATION_TICKETS };
