// Before the first paint: the theme that was chosen here, else the system's, and word to the
// style sheet that scripts run. A classic script in <head>, since a module would come too late.
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
