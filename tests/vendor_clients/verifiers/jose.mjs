// Verifies tickets alone, as a service with jose would. Each line of input says a token and what time it is then, so
// that jose's own rules for how long it keeps the keys are those that apply.
import { createInterface } from "node:readline";
import { createRemoteJWKSet, jwtVerify } from "jose";

const keys = createRemoteJWKSet(new URL(process.argv[2]));
let now = 0;
Date.now = () => now;

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  now = asked.now;
  const rules = { algorithms: ["ES256"], issuer: "authsvc", audience: asked.audience, currentDate: new Date(now) };
  try {
    const { payload } = await jwtVerify(asked.token, keys, rules);
    console.log(JSON.stringify({ sub: payload.sub }));
  } catch (refusal) {
    console.log(JSON.stringify({ sub: null, code: refusal.code }));
  }
}
