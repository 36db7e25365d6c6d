// What cannot wait for the modules, in a classic script in <head>.
//
// Before the first paint: the theme that was chosen here, else the system's, and word to the
// style sheet that scripts run.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // Storage may be refused; the system's theme will do.
    }
  };
  const paint = () => {
    root.dataset.bsTheme = chosen() ?? (system.matches ? "dark" : "light");
    document.dispatchEvent(new Event("themechange"));
  };
  root.dataset.js = "";
  paint();
  system.addEventListener("change", paint);
  addEventListener("storage", (event) => event.key === "theme" && paint());
})();

// The page can be seen and clicked before app.js and htmx run. A click on a link that they will
// answer waits for them; where they did not come, the link is followed. What is chosen in a field is
// told once more when they hear it. Nobody hears yet of a way back or forward between two states of
// the page, so the address may have become another's.
(() => {
  const { pathname, search } = location;
  let clicked = null;
  const changed = new Set();
  const note = (event) => changed.add(event.target);
  const hold = (event) => {
    const link = event.target.closest("a[data-dialog], a[hx-post]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    clicked = link;
  };
  document.addEventListener("click", hold);
  document.addEventListener("change", note);
  document.addEventListener("DOMContentLoaded", () => {
    // htmx binds what it finds in the page at this same event.
    setTimeout(() => {
      document.removeEventListener("click", hold);
      document.removeEventListener("change", note);
      if (location.pathname !== pathname || location.search !== search) return location.reload();
      for (const field of changed) field.dispatchEvent(new Event("change", { bubbles: true }));
      clicked?.click();
    });
  });
})();
