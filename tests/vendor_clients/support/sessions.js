/** Whether a session is in force on a site, seen as a storefront sees it. */
"use strict";

const { setTimeout: pause } = require("node:timers/promises");

const { refused } = require("./refusals");
const { asShopper, onSite } = require("./rest_sdk");

/** A lock, a changed password, a move or a deletion is in force on every worker within a second. */
const IN_FORCE_WITHIN_MS = 1000;
const POLL_MS = 50;

/** Return the account that an access token stands for on a site. */
function currentAccount(site, accessToken) {
  return onSite(site).accounts.getCurrentAccount({}, asShopper(accessToken));
}

/** Expect that the access token is refused on the site, at once or within the second that is promised. */
async function assertEnds(site, accessToken) {
  const deadline = Date.now() + IN_FORCE_WITHIN_MS;
  while (Date.now() < deadline) {
    const ended = await currentAccount(site, accessToken).then(
      () => false,
      () => true,
    );
    if (ended) break;
    await pause(POLL_MS);
  }
  await refused(currentAccount(site, accessToken), { status: 401 });
}

module.exports = { currentAccount, assertEnds };
