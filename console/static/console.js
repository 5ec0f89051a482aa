/* Keys and focus. Every page works without this file. */
"use strict";

// "/" goes to the search, as the key beside its label says.
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof Element && event.target.closest("input, textarea, select");
  const search = document.getElementById("q");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// A discussion that was put beside the list is read from its heading, as after a whole new page.
document.addEventListener("htmx:afterSettle", () => {
  const heading = document.getElementById("h-thread");
  if (heading) {
    document.title = `${heading.textContent.trim()} – Kuntakaiku`;
    heading.focus({ preventScroll: true });
    heading.closest("section").scrollIntoView({ block: "start" });
  }
});

// Without an answer from the server, the link's own address is opened.
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, (event) => {
    const link = event.target.closest("a[href]");
    if (link) location.assign(link.href);
  });
}
