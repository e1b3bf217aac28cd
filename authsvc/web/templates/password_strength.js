/*
 * Tells how soon a password would be guessed, while it is typed. Our own server judges it, as it will when the form is
 * sent; it keeps nothing of it. Every form does all it does without this file.
 *
 * <input type="password" data-strength="/password/strength" data-strength-with="username email">: the address that is
 * asked, and the fields of the form, by name or id, that a password should not be made of.
 */

// Longer than the pause between two keys: half a word is seldom sent.
const TYPING_PAUSE_MS = 400;

function tellStrength(field) {
  const told = document.createElement("p");
  told.id = `${field.id}-strength`;
  told.className = "strength";
  told.setAttribute("role", "status");
  const meter = document.createElement("meter");
  Object.assign(meter, { min: 0, max: 5, low: 2.5, high: 3.5, optimum: 5 });
  meter.setAttribute("aria-hidden", "true");
  meter.hidden = true;
  field.after(meter, told);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${told.id}`.trim());

  let waiting;
  let asked;

  function show(answer) {
    told.textContent = answer?.text ?? "";
    meter.hidden = !answer;
    meter.value = answer ? answer.score + 1 : 0;
  }

  async function ask() {
    asked = new AbortController();
    const body = new URLSearchParams({ password: field.value });
    for (const name of (field.dataset.strengthWith ?? "").split(" ")) {
      const value = field.form.elements[name]?.value;
      if (value) body.set(name, value);
    }
    try {
      const answer = await fetch(field.dataset.strength, { method: "POST", body, signal: asked.signal });
      if (answer.status === 200) show(await answer.json());
    } catch {
      // Advice only: the form itself says what is wrong when it is sent.
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    asked?.abort();
    if (field.value) waiting = setTimeout(ask, TYPING_PAUSE_MS);
    else show(null);
  });
}

document.querySelectorAll("input[data-strength]").forEach(tellStrength);
