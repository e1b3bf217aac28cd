/*
 * Passkeys on the sign-in page and in My Account. Every page does all else it does without this file.
 *
 * A form says by `data-passkey` what it is for: "sign-in", "second-factor" or "new". It is shown where this browser can
 * use passkeys of the domain `data-domain`; the server is asked at `data-ask` what to ask the browser, and gets the
 * browser's answer as a form, like any other.
 */
"use strict";

// A challenge is good for five minutes; whoever leaves the page open longer is asked with a new one.
const RENEWED_AFTER_MS = 4 * 60 * 1000;

let underWay = null;

async function canUse(domain) {
  const api = window.PublicKeyCredential;
  if (!api?.parseRequestOptionsFromJSON || !api.parseCreationOptionsFromJSON) return false;
  if (location.hostname === domain || location.hostname.endsWith(`.${domain}`)) return true;
  const can = await api.getClientCapabilities?.();
  return can?.relatedOrigins === true;
}

async function ask(form) {
  const sent = new URLSearchParams();
  if (form.elements.site) sent.set("site", form.elements.site.value);
  const answer = await fetch(form.dataset.ask, { method: "POST", body: sent, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`asked in vain: ${answer.status}`);
  return answer.json();
}

async function answered(form, waiting) {
  underWay?.abort();
  const mine = (underWay = new AbortController());
  const asked = await ask(form);
  mine.signal.throwIfAborted();
  const api = window.PublicKeyCredential;
  const credential =
    form.dataset.passkey === "new"
      ? await navigator.credentials.create({
          publicKey: api.parseCreationOptionsFromJSON(asked.publicKey),
          signal: mine.signal,
        })
      : await navigator.credentials.get({
          publicKey: api.parseRequestOptionsFromJSON(asked.publicKey),
          signal: mine.signal,
          ...(waiting ? { mediation: "conditional" } : {}),
        });
  form.elements.challenge.value = asked.challengeToken;
  form.elements.credential.value = JSON.stringify(credential);
  if (form.elements.remember) {
    form.elements.remember.disabled = !document.getElementById("remember")?.checked;
  }
  form.submit();
}

function tell(form, failure) {
  if (failure.name === "AbortError") return;
  const known = failure.name === "InvalidStateError" ? "data-known" : "data-failed";
  form.querySelector("[role=status]").textContent = form.getAttribute(known) || form.dataset.failed;
}

/* Offer passkeys among what the browser fills in for the username, for as long as the page is open. */
async function offerWhileTyping(form) {
  if (!(await window.PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  for (;;) {
    let renew = null;
    const renewed = new Promise((again) => {
      renew = setTimeout(() => again(true), RENEWED_AFTER_MS);
    });
    const attempt = answered(form, true).then(
      () => false,
      () => false,
    );
    const again = await Promise.race([renewed, attempt]);
    clearTimeout(renew);
    if (!again) return;
  }
}

async function help(form) {
  if (!(await canUse(form.dataset.domain))) {
    document.getElementById("no-passkeys")?.removeAttribute("hidden");
    return;
  }
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answered(form, false).catch((failure) => tell(form, failure));
  });
  // Not on the page that says that one was refused.
  if (form.dataset.passkey === "sign-in" && !("quiet" in form.dataset)) await offerWhileTyping(form);
}

document.querySelectorAll("form[data-passkey]").forEach((form) => help(form));
