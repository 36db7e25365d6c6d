// The pages of imports. See app.js for what all pages share.
//
// UPLOAD   `<form data-upload>`: files may be dropped on it, or chosen; they are listed with their
//          sizes and sent by its button. What is too large or too many is told and not sent; the
//          bounds and the words for them are the form's data. The server has the same bounds.
// IMPORT   `<form data-progress="/…/progress/">`: while it is sent, #importing shows every 0.4 s
//          what that address says.
// PICK     `[data-pick-all]` ticks all that can be picked on the page.

const { htmx } = globalThis;
const language = document.documentElement.lang;

// ------------------------------------------------------------------ upload

/** A size as people read it: "1,2 Mio", as the server writes it. */
function size(bytes) {
  const french = language.startsWith("fr");
  const units = french ? ["octets", "Kio", "Mio"] : ["bytes", "KB", "MB"];
  const power = Math.min(2, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1024)));
  const figure = new Intl.NumberFormat(language, { maximumFractionDigits: power === 2 ? 1 : 0 }).format(bytes / 1024 ** power);
  return `${figure}\u00a0${units[power]}`;
}

/** Why the files cannot be sent as they are; empty when they can. */
function fault(form, files) {
  const { largest, together, most, tooLarge, tooMuch, tooMany } = form.dataset;
  const large = files.find((file) => file.size > Number(largest));
  if (large) return `${large.name}${language.startsWith("fr") ? "\u00a0" : ""}: ${tooLarge}`;
  if (files.length > Number(most)) return tooMany;
  if (files.reduce((sum, file) => sum + file.size, 0) > Number(together)) return tooMuch;
  return "";
}

function showChosen(form) {
  const files = [...form.elements.files.files];
  const template = form.querySelector("template[data-row]");
  form.querySelector("[data-chosen]").replaceChildren(
    ...files.map((file) => {
      const row = template.content.firstElementChild.cloneNode(true);
      row.querySelector("[data-name]").textContent = file.name;
      row.querySelector("[data-size]").textContent = size(file.size);
      return row;
    }),
  );
  const words = fault(form, files);
  const told = form.querySelector("[data-fault]");
  told.hidden = !words;
  told.querySelector("span").textContent = words;
  const send = form.querySelector("[data-send]");
  send.disabled = Boolean(words);
  if (files.length && !words) send.focus();
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-upload]");
  if (form && target.type === "file") showChosen(form);
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const form = document.querySelector("[data-upload]");
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    // Beside the form as well: else the browser would leave the page and open the file.
    event.preventDefault();
    const over = form.contains(event.target);
    form.classList.toggle("over", over && name === "dragover");
    if (name !== "drop") return;
    form.elements.files.files = event.dataTransfer.files;
    showChosen(form);
  });
}

/** How much of the form is sent. */
function showSending(form, loaded, total) {
  const box = form.querySelector("[data-sending]");
  const bar = box.querySelector("progress");
  const words = box.querySelector("[data-words]");
  box.hidden = false;
  if (loaded < total) {
    bar.value = (100 * loaded) / total;
    words.textContent = `${words.dataset.sent} ${size(loaded)} / ${size(total)}`;
  } else {
    bar.removeAttribute("value"); // it arrived, and is being read
    words.textContent = words.dataset.reading;
  }
}

document.body.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target.matches("[data-upload]")) showSending(target, 0, 1);
});
document.body.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
  if (target.matches("[data-upload]") && detail.lengthComputable) showSending(target, detail.loaded, detail.total);
});
document.body.addEventListener("htmx:afterRequest", ({ target }) => {
  if (target.matches("[data-upload]")) target.querySelector("[data-sending]").hidden = true;
});

// ------------------------------------------------------------------ import

let asking;

document.body.addEventListener("htmx:beforeRequest", ({ target }) => {
  const url = target.dataset.progress;
  const box = document.getElementById("importing");
  if (!url || !box) return;
  target.querySelector("[type=submit]").disabled = true;
  clearInterval(asking);
  const ask = () => htmx.ajax("GET", url, { source: box, target: box, swap: "innerHTML" }).catch(() => {});
  asking = setInterval(ask, 400);
  box.hidden = false;
  ask();
  box.scrollIntoView({ block: "nearest", behavior: "instant" });
});
document.body.addEventListener("htmx:afterRequest", ({ target, detail }) => {
  if (!target.dataset.progress) return;
  clearInterval(asking);
  // Done, the browser goes on to the next page; else what is here is still to be imported.
  if (detail.xhr.getResponseHeader("HX-Redirect")) return;
  document.getElementById("importing").hidden = true;
  target.querySelector("[type=submit]").disabled = false;
});

// -------------------------------------------------------------------- pick

document.addEventListener("change", ({ target }) => {
  const picks = () => [...document.querySelectorAll('[name="pick"]')];
  if (target.matches("[data-pick-all]")) {
    for (const pick of picks()) pick.checked = target.checked;
  } else if (target.name === "pick") {
    const all = document.querySelector("[data-pick-all]");
    const ticked = picks().filter((pick) => pick.checked).length;
    if (all) all.checked = ticked > 0;
    if (all) all.indeterminate = ticked > 0 && ticked < picks().length;
  }
});
