/*
 * What the admin pages gain where scripts run. Every page does all it does without this file.
 *
 * An element asks for help by an attribute: `data-search-as-you-type="results"` on a form. `helpers` below says which
 * function stands for which attribute; one more is one more entry, and works in swapped regions as well.
 */

// Longer than the pause between two keys, shorter than what feels like waiting.
const TYPING_PAUSE_MS = 180;

const helpers = {
  "data-refresh": refresh,
  "data-search-as-you-type": searchAsYouType,
  "data-tick-all": tickAll,
  "data-modal": modal,
};

function help(root) {
  for (const [attribute, helper] of Object.entries(helpers)) {
    for (const element of root.querySelectorAll(`[${attribute}]`)) {
      helper(element, element.getAttribute(attribute));
    }
  }
}

/*
 * Fetch one of our pages and put its element `id` in place of the one shown here; returns the new element.
 * Throws an AbortError when `signal` says so, and an Error where the answer has no such element: the session is over,
 * or something else is wrong, which a full page load would show.
 */
async function swap(address, id, signal) {
  const shown = document.getElementById(id);
  shown.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(id);
    if (!fresh) throw new Error(`no ${id} at ${answer.url}`);
    signal?.throwIfAborted();
    document.getElementById(id).replaceWith(fresh);
    help(fresh);
    return fresh;
  } finally {
    document.getElementById(id)?.removeAttribute("aria-busy");
  }
}

// One place that reads out what has changed: the text of what bears `data-announce` in a swapped region.
const announcements = document.createElement("p");
announcements.className = "unseen";
announcements.setAttribute("role", "status");
document.querySelector("main").append(announcements);

function announce(region) {
  announcements.textContent = region.querySelector("[data-announce]")?.textContent.trim() ?? "";
}

/* A form that is sent by GET: its results, the element `id`, follow what is typed, and so does the address. */
function searchAsYouType(form, id) {
  let waiting;
  let asked;

  async function search() {
    clearTimeout(waiting);
    asked?.abort();
    asked = new AbortController();
    const address = new URL(form.action);
    for (const [name, value] of new FormData(form)) {
      if (value) address.searchParams.append(name, value);
    }
    try {
      const results = await swap(address, id, asked.signal);
      history.replaceState(null, "", address);
      announce(results);
    } catch (error) {
      if (error.name === "AbortError") return;
      // What is no network's fault, the page itself tells best.
      if (error instanceof TypeError) complain();
      else location.assign(address);
    }
  }

  function complain() {
    const complaint = document.createElement("p");
    complaint.className = "summary error";
    complaint.dataset.announce = "";
    complaint.textContent = "The server did not answer. Press Enter to try again.";
    const region = document.getElementById(id);
    region.replaceChildren(complaint);
    announce(region);
  }

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, TYPING_PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
}

/* A tick box that ticks all boxes of that name in its form; it is hidden where scripts do not run. */
function tickAll(box, name) {
  const boxes = () => [...box.form.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
  const show = () => {
    const ticked = boxes().filter((other) => other.checked).length;
    box.checked = ticked > 0 && ticked === boxes().length;
    box.indeterminate = ticked > 0 && !box.checked;
    for (const count of box.form.querySelectorAll("[data-ticked]")) {
      count.textContent = ticked;
      count.hidden = ticked === 0;
    }
  };
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.form.addEventListener("change", (event) => {
    if (event.target === box) for (const other of boxes()) other.checked = box.checked;
    show();
  });
  show();
}

/* A dialog that stands open in the page becomes modal; Escape leads to `address`, as its Cancel does. */
function modal(dialog, address) {
  dialog.close();
  dialog.showModal();
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    location.assign(address);
  });
}

/*
 * A region about something under way: it is fetched again every so many seconds for as long as it asks for it; then the
 * whole page is, which says how it ended. A server that does not answer is asked again.
 */
function refresh(region, seconds) {
  setTimeout(async () => {
    try {
      region = await swap(location.href, region.id);
    } catch {
      // The next one may come through.
    }
    if (region.hasAttribute("data-refresh")) refresh(region, seconds);
    else location.reload();
  }, 1000 * seconds);
}

help(document);
