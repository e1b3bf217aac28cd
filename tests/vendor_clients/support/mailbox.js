/** What the demo has mailed: read from its mailbox page, as a person would. */
"use strict";

const { setTimeout: pause } = require("node:timers/promises");

const server = require("./server");

const TRIES = 200;
const PAUSE_MS = 100;

/** Return the page of the latest mail to an address, once it has come. */
async function mailTo(address) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const list = await (await fetch(server.mailbox)).text();
    const row = list.split("<tr>").find((each) => each.includes(address));
    if (row) {
      const path = row.match(/href="(\/\d+)"/)[1];
      return (await fetch(server.mailbox + path)).text();
    }
    await pause(PAUSE_MS);
  }
  throw new Error(`no mail came to ${address}`);
}

module.exports = { mailTo };
