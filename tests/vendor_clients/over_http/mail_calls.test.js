/** The calls that send or take a code by e-mail: in the vendor's API, not offered by this release. */
"use strict";

const { test } = require("node:test");

const { refused } = require("../support/refusals");
const { asShopper, onSite } = require("../support/rest_sdk");
const server = require("../support/server");
const { signUp } = require("../support/shoppers");

const { accounts, tickets } = onSite(server.sports);
const NOT_OFFERED = { status: 501, errorCode: "NOT_IMPLEMENTED" };

test("the second factor by e-mail answers 501 in the error envelope", async () => {
  const { ticket } = await signUp(server.sports);
  await refused(tickets.generateAndSend2faOtp({}, asShopper(ticket.accessToken)), NOT_OFFERED);
  await refused(
    tickets.validate2FAAndCreateAuthTicket({
      authTicket2FAInfo: { userId: ticket.userId, otpCode: "123456" },
    }),
    NOT_OFFERED,
  );
});

test("the one-time code by e-mail answers 501 in the error envelope", async () => {
  const { emailAddress } = await signUp(server.sports);
  await refused(tickets.generateAndSendOtp({ otpRequest: { email: emailAddress } }), NOT_OFFERED);
  await refused(
    tickets.validateOtpAndCreateAuthTicket({
      authTicketOtpInfo: { email: emailAddress, otpCode: "123456" },
    }),
    NOT_OFFERED,
  );
});
