// What the frame does when scripts run. Every page works without it.
//
// DIALOG   `<a href="/…/add/" data-dialog>`: the page behind the link is asked for as an HTMX
//          request, which the server answers with the form alone, and shown in
//          <dialog id="dialog">. In there a `<form method="post">` is sent by htmx and its answer
//          takes its place (422: the form with its errors). `data-close` closes.
// WRITE    A write answers with `HX-Trigger: ledger-changed, dialog-close`. `ledger-changed`: the
//          page asks for itself again and replaces its <main>, keeping scroll and focus (by id,
//          else by address). `dialog-close`: the dialog closes and focus goes back to its opener.
//          Outside a dialog, `<form method="post" data-enhance>` is sent the same way.
// TOAST    The answer holds `<div id="toasts" hx-swap-oob="beforeend">…</div>` (_toast.html), or
//          the page itself brings Django's messages. Toasts go after ten seconds, those that warn
//          stay. What the browser itself has to say is in data attributes of #toasts.
// WORD     `<input data-confirm-word="mai 2026">`: the form's `[data-confirmed]` button is enabled
//          once the word is typed. The server asks for the same word.
// SUGGEST  `<fieldset data-suggest="category" data-expense="3" data-income="">`: choosing a radio in
//          it also chooses, of the form's `category`, what it suggests, else the empty one; until
//          the person has chosen there. A radio's label can say it too: `<label data-bucket="5">`
//          in `<div data-suggest="bucket">`. What is so chosen suggests in turn.
// THEME    `[data-theme-toggle]` switches and remembers; `themechange` is told to the charts.
// HERE     The row with `data-here` is what the page was opened for: it is scrolled to, unless the
//          address says where to go.
// POINT    A `[data-point]` button sends itself; its answer takes its place, and the event
//          `line-pointed` has the figures that depend on it ask for themselves again.
// KEYS     `n` opens the dialog of the first `[data-add]`. `p` presses the `[data-point]` of the
//          row that has the focus, else of the row under the pointer.
// PRESS    What is pressed, replaced by an answer and then let go counts as clicked. htmx settles at
//          once (`defaultSettleDelay`), so what a swap brings works from its first moment, and
//          head.js holds the clicks that come before this file.

const { htmx } = globalThis;
const root = document.documentElement;
const dialog = document.getElementById("dialog");
const dialogBody = document.getElementById("dialog-body");
const toasts = document.getElementById("toasts");

/** How to find an element again after its part of the page was replaced: selectors, the best first. */
function address(element) {
  if (!element || element === document.body) return [];
  if (element.id) return [`#${CSS.escape(element.id)}`];
  const name = ["href", "formaction", "name"].find((each) => element.getAttribute(each));
  if (!name) return [];
  const same = `[${name}="${CSS.escape(element.getAttribute(name))}"]`;
  // A row's title and its pencil lead to the same address.
  return [`${same}[class="${CSS.escape(element.className)}"]`, same];
}

const visible = (element) => element?.isConnected && element.getClientRects().length > 0;

/** Focus `element` if it is still there, else what now stands at its address, else the page. */
function focusAgain({ element, selectors = [] }) {
  const there = visible(element) ? element : selectors.flatMap((each) => [...document.querySelectorAll(each)]).find(visible);
  (there ?? document.getElementById("main"))?.focus({ preventScroll: true });
}

/** Whether a click is meant for this page: not for another tab, and not answered already. */
const plain = (event) => !(event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

/** Have htmx fetch; what goes wrong is told by its events, below. */
const ask = (url, options) => htmx.ajax("GET", url, options).catch(() => {});

// ------------------------------------------------------------------- press

// The browser makes no click where the element that was pressed is gone when the button is let go.
// If what stands there now is the same control of a newer page, it is what was meant.
let press = null; // { element, selectors } while the button is down

document.addEventListener("mousedown", (event) => {
  const element = plain(event) ? event.target.closest("a, button") : null;
  press = element && { element, selectors: address(element) };
});
document.addEventListener("mouseup", (event) => {
  const replaced = press && !press.element.isConnected ? press.selectors[0] : null;
  press = null;
  const now = event.target.closest("a, button");
  if (replaced && now?.matches(replaced)) now.click();
});

// ------------------------------------------------------------------- theme

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  try {
    localStorage.setItem("theme", root.dataset.bsTheme);
  } catch {
    // It holds for this page at least.
  }
  document.dispatchEvent(new Event("themechange"));
});

// ------------------------------------------------------------------ dialog

let opener = null; // { element, selectors } while the dialog is open
let dialogUrl = "";
let typed = false;

function openDialog(url, from) {
  if (!dialog.open) opener = { element: from, selectors: address(from) };
  dialogUrl = url;
  // Its own source: requests of one source wait for each other, and the last in line wins.
  ask(url, { source: dialogBody, target: dialogBody, swap: "innerHTML" });
}

function focusInDialog() {
  const wrong = [...dialogBody.querySelectorAll('[aria-invalid="true"]')].find(visible);
  // The dialog has had the cursor since it opened: what a quick hand has typed is not selected.
  if (typed && !wrong) return;
  const first = wrong ?? dialogBody.querySelector("[autofocus]");
  if (!first) return;
  first.focus();
  if (first.matches("input:not([type=radio], [type=checkbox])")) first.select();
}

document.addEventListener("click", (event) => {
  if (!plain(event)) return;
  const link = event.target.closest("[data-dialog]");
  const url = link?.getAttribute("href");
  if (url && dialog && htmx) {
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    openDialog(url, link);
  } else if (event.target.closest("[data-close]") && dialog?.contains(event.target)) {
    event.preventDefault();
    dialog.close();
  }
});

if (dialog) {
  dialog.addEventListener("input", () => {
    typed = true;
  });
  // A click beside the dialog closes it, unless something would be lost by it.
  let pressed = null;
  dialog.addEventListener("pointerdown", (event) => {
    pressed = event.target;
  });
  dialog.addEventListener("click", (event) => {
    if (typed || event.target !== dialog || pressed !== dialog) return;
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  });
  dialog.addEventListener("close", () => {
    keepWriters(dialogBody);
    dialogBody.replaceChildren();
    freeToasts();
    if (opener) focusAgain(opener);
  });
  document.body.addEventListener("dialog-close", () => {
    freeToasts(); // before the answer's toast is added, so that it is heard
    dialog.close();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  // A dialog that has just closed may have the focus still.
  if (dialog?.open || (!dialog?.contains(event.target) && event.target.closest("input, select, textarea, [contenteditable]"))) return;
  const add = document.querySelector("[data-add]");
  if (!add || !dialog) return;
  event.preventDefault();
  const from = document.activeElement === document.body ? [...document.querySelectorAll("[data-add]")].find(visible) : document.activeElement;
  openDialog(add.getAttribute("href"), from ?? add);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "p" || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
  const row = event.target.closest("tr") ?? document.querySelector("tr:hover");
  const mark = row?.querySelector("[data-point]");
  if (!mark) return;
  event.preventDefault();
  mark.click();
});

// ------------------------------------------------------------------- forms

/** Let htmx send the plain forms of the dialog, of a toast, and those that ask for it. */
function enhance(scope) {
  const forms = scope.matches?.("form") ? [scope] : scope.querySelectorAll("form");
  for (const form of forms) {
    const inDialog = dialogBody?.contains(form) ?? false;
    if (form.method !== "post" || form.hasAttribute("hx-post") || !(inDialog || "enhance" in form.dataset)) continue;
    form.setAttribute("hx-post", form.getAttribute("action") || (inDialog ? dialogUrl : location.href));
    form.setAttribute("hx-target", inDialog ? "#dialog-body" : "this");
    form.setAttribute("hx-swap", inDialog ? "innerHTML" : "none");
    form.setAttribute("hx-disinherit", "*"); // what the form holds may ask for things of its own
    if (form.enctype === "multipart/form-data") form.setAttribute("hx-encoding", form.enctype);
    htmx.process(form);
  }
}

// A double click is one submission. The server knows as much; this spares it the second.
const sending = new WeakSet();
document.addEventListener(
  "submit",
  (event) => {
    if (event.target.method !== "post") return;
    if (sending.has(event.target)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    sending.add(event.target);
    const form = event.target;
    // A download leaves the page where it is, so the form must come back to life.
    setTimeout(() => sending.delete(form), 4000);
  },
  true,
);
addEventListener("pageshow", (event) => event.persisted && location.reload());

// What has sent a write must be there when the answer comes, or htmx would tell the answer to
// nobody: no toast, no refresh. So it is put by when its part of the page is replaced meanwhile.
const writers = new Set();
const waitingRoom = document.body.appendChild(Object.assign(document.createElement("div"), { hidden: true }));

function keepWriters(leaving, answered) {
  for (const writer of writers) if (writer !== answered && leaving.contains(writer)) waitingRoom.append(writer);
}

// What is being typed outlives the field it is typed in.
let typing = null; // { selectors, value } during a swap

function keepTyping(leaving) {
  const field = document.activeElement;
  // In the dialog an answer takes the whole form's place, or a part's that was worked out anew.
  const meant = dialog?.contains(field) && (leaving === dialogBody || field.value === field.defaultValue);
  const lost = leaving.contains(field) && !meant && field.matches("input, textarea");
  typing = lost ? { selectors: address(field), value: field.value } : null;
}

function typeAgain() {
  const field = typing && document.querySelector(typing.selectors[0] ?? ":not(*)");
  if (field && field.value !== typing.value) {
    field.value = typing.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  typing = null;
}

function checkWord(input) {
  // As the server compares (core/fields.py): without case, accents and superfluous spaces.
  const bare = (text) => text.normalize("NFKD").replaceAll("’", "'").replace(/\p{Mn}/gu, "").toUpperCase().toLowerCase().trim().replace(/\s+/g, " ");
  const button = input.form?.querySelector("[data-confirmed]");
  if (button) button.disabled = bare(input.value) !== bare(input.dataset.confirmWord);
}

document.addEventListener("input", (event) => event.target.matches("[data-confirm-word]") && checkWord(event.target));

/** Choose what `radio` suggests of another field, and what that suggests. */
function suggest(radio) {
  const suggesting = radio.closest("[data-suggest]");
  if (!suggesting) return;
  const name = suggesting.dataset.suggest;
  const suggested = suggesting.dataset[radio.value] ?? radio.closest("label")?.dataset[name] ?? "";
  const choices = [...radio.form.querySelectorAll(`[name="${CSS.escape(name)}"] option, [name="${CSS.escape(name)}"]:not(select)`)];
  const choice = choices.find((each) => each.value === suggested) ?? choices.find((each) => !each.value);
  if (!choice) return;
  choice[choice.matches("option") ? "selected" : "checked"] = true;
  suggest(choice);
}

document.addEventListener("change", ({ target }) => {
  if (!target.form || !target.name) return;
  target.form.querySelector(`[data-suggest="${CSS.escape(target.name)}"]`)?.removeAttribute("data-suggest");
  suggest(target);
});

// A menu made of <details> closes on Escape and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.drop[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.drop[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// ------------------------------------------------------------------ toasts

const LIFE = 10_000;

/** Give a toast its ten seconds; the clock stands still while it is looked at. */
function mind(toast) {
  if ("stays" in toast.dataset || "minded" in toast.dataset) return;
  toast.dataset.minded = "";
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.matches(":hover, :focus-within") || drop(toast), LIFE);
  };
  const stop = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  start();
}

function drop(toast) {
  const focused = toast.contains(document.activeElement);
  toast.remove();
  if (focused) focusAgain({});
}

function freeToasts() {
  toasts.classList.remove("in-dialog");
  if (dialog.contains(toasts)) document.getElementById("main").before(toasts);
}

function showToasts() {
  // What is outside a modal dialog cannot be reached or heard, so toasts are told inside it.
  if (dialog?.open && !dialog.contains(toasts)) {
    toasts.classList.add("in-dialog");
    dialog.append(toasts);
  }
  for (const toast of toasts.querySelectorAll("[data-toast]")) mind(toast);
}

/** A toast in the browser's own name, with one of the texts that #toasts carries. */
function tell(name) {
  const text = toasts.dataset[name];
  if ([...toasts.children].some((toast) => toast.dataset.told === name)) return;
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.dataset.told = name;
  toast.querySelector(".words").textContent = text;
  toasts.append(toast);
  showToasts();
}

document.addEventListener("click", (event) => {
  const toast = event.target.closest("[data-dismiss]")?.closest("[data-toast]");
  if (toast) drop(toast);
});

if (toasts) {
  // Words that stand in a live region from the start are not read out: put them in anew.
  const arrived = [...toasts.children];
  toasts.replaceChildren();
  setTimeout(() => {
    toasts.append(...arrived);
    for (const toast of arrived) enhance(toast);
    showToasts();
  }, 100);
  new MutationObserver(showToasts).observe(toasts, { childList: true });
}

if (!location.hash) document.querySelector("[data-here]")?.scrollIntoView({ block: "center", behavior: "instant" });

// ----------------------------------------------------------------- refresh

let refreshing = false;
let stale = false;

/** Ask for this page again and put its <main> in place of ours. */
async function refresh() {
  // One at a time: a second answer would be meant for a <main> that the first has replaced.
  stale = true;
  if (refreshing) return;
  refreshing = true;
  while (stale) {
    stale = false;
    await replaceMain();
  }
  refreshing = false;
}

async function replaceMain() {
  // Once the dialog, told in the same answer, has closed and given the focus back.
  await new Promise((resolve) => setTimeout(resolve));
  const focused = { element: document.activeElement, selectors: address(document.activeElement) };
  const { scrollX, scrollY } = window;
  const { href } = location;
  const open = [...document.querySelectorAll("main details[open][id]")].map((each) => each.id);
  await ask(href, {
    target: "#main",
    select: "#main",
    selectOOB: "#toasts:beforeend",
    swap: "outerHTML show:none",
    headers: { "HX-Boosted": "true" }, // the whole page, please: see core/http.py
  });
  stale ||= location.href !== href; // filters have been answered meanwhile
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  if (dialog?.open) return;
  if (document.activeElement === document.body) focusAgain(focused.selectors.length ? focused : (opener ?? {}));
}

document.body.addEventListener("ledger-changed", refresh);

// -------------------------------------------------------------------- htmx

if (htmx) {
  let waiting = 0;
  let patience;
  const busy = (change) => {
    waiting = Math.max(0, waiting + change);
    clearTimeout(patience);
    // A quick answer shows no progress at all.
    if (waiting) patience = setTimeout(() => root.setAttribute("data-busy", ""), 150);
    else root.removeAttribute("data-busy");
  };
  document.body.addEventListener("htmx:beforeSend", ({ detail }) => {
    busy(1);
    if (detail.requestConfig.verb !== "get") writers.add(detail.elt);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    busy(-1);
    const { elt, successful } = event.detail;
    sending.delete(elt);
    // Not before htmx is through with it, or it would tell the end of the request once more.
    if (writers.delete(elt) && elt.parentNode === waitingRoom) queueMicrotask(() => elt.remove());
    if (successful) elt.closest?.("[data-toast]")?.remove(); // its Undo is used up
  });

  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    const whole = /^\s*<!doctype/i.test(detail.serverResponse ?? "");
    if (!whole || detail.target.id === "main" || detail.target === document.body) return;
    if (detail.xhr.status >= 400) {
      // An error's page inside a dialog: what it says, without its frame.
      const page = new DOMParser().parseFromString(detail.serverResponse, "text/html");
      detail.serverResponse = (page.querySelector("main section") ?? page.querySelector("main"))?.outerHTML ?? "";
    } else if (dialogBody?.contains(detail.target)) {
      // A whole page where a form was expected: a redirect, to the login page for one. Go there.
      detail.shouldSwap = false;
      location.assign(detail.xhr.responseURL || dialogUrl);
    }
  });
  document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
    keepWriters(detail.target, detail.requestConfig.elt);
    keepTyping(detail.target);
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialogBody || !dialogBody.childElementCount) return;
    typed &&= event.detail.xhr.status >= 400; // what came back with its faults is still theirs
    if (!dialog.open) {
      // A button of the page has been answered with a question (core/http.py, in_dialog).
      const { elt } = event.detail.requestConfig;
      if (elt !== dialogBody) opener = { element: elt, selectors: address(elt) };
      dialog.showModal();
      showToasts();
    }
    dialog.scrollTop = 0;
  });
  document.body.addEventListener("htmx:afterSettle", (event) => {
    typeAgain();
    if (event.detail.target === dialogBody && dialog.open) focusInDialog();
  });
  htmx.onLoad((element) => {
    enhance(element);
    for (const input of element.querySelectorAll("[data-confirm-word]")) checkWord(input);
  });

  // A filter that says nothing has no place in the address.
  document.body.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.verb !== "get" || detail.elt.getAttribute("role") !== "search") return;
    for (const [name, value] of [...detail.formData]) if (value === "") detail.formData.delete(name);
  });

  // A header sorts what the filters say by now: they may not have been answered yet.
  document.addEventListener("click", (event) => {
    const sort = plain(event) && event.target.closest("[data-sort]")?.dataset.sort;
    const form = document.getElementById("filters");
    if (!sort || !form) return;
    event.preventDefault();
    form.elements.sort.value = sort;
    form.requestSubmit();
  });

  for (const name of ["htmx:sendError", "htmx:timeout"]) document.body.addEventListener(name, () => tell("offline"));
  document.body.addEventListener("htmx:responseError", ({ detail }) => {
    tell([404, 410].includes(detail.xhr.status) ? "gone" : "failed");
  });
  document.body.addEventListener("htmx:swapError", () => tell("failed"));
}
