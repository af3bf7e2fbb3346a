// Keys, the department that follows the category, larger photos. Every page works without this file.
"use strict";

(() => {
  const WRITING = "textarea, select, input:not([type=radio]):not([type=checkbox]):not([type=range])";
  // A key that was meant for the last alert must not answer the next one, which nobody has seen yet.
  // The attribute says that the time is over.
  const UNSEEN_MS = 300;
  const seen = () => document.getElementById("main").toggleAttribute("data-ready", true);
  const ACTING = "a[href], button, summary, input, textarea, select";

  // The name of a key that means something here; none while somebody writes, or holds a key for the browser.
  function pressed(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return null;
    if (document.querySelector("dialog[open]")) return null;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Enter") {
      if (target.matches("#department")) return "enter";
      return target.closest(ACTING) ? null : "enter";
    }
    return target.matches(WRITING) ? null : event.key.toLowerCase();
  }

  function unfold(element) {
    for (let box = element.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  }

  function act(element) {
    if (element.matches("input[type=radio]")) {
      unfold(element);
      // A digit chooses; the letter of a list only goes there.
      if (element.name === "category") {
        element.checked = true;
        element.dispatchEvent(new Event("change", { bubbles: true }));
      }
      element.focus();
    } else if (element.matches("select")) {
      element.focus();
      element.showPicker?.();
    } else if (element.matches("summary")) {
      const box = element.parentElement;
      box.open = !box.open;
      (box.open ? box.querySelector("textarea, input") : element).focus();
    } else {
      element.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    const name = pressed(event);
    if (name === null) return;
    const element = document.querySelector(`[data-key="${CSS.escape(name)}"]:not(:disabled)`);
    if (!element || element.closest("fieldset:disabled")) return;
    event.preventDefault();
    if (element.matches("button") && !document.querySelector("#main[data-ready]")) return;
    act(element);
  });

  // The first entry of the list of departments names the department that follows from the chosen category.
  function follow(root) {
    const entry = root.querySelector("#department option[data-follows]");
    const chosen = root.querySelector("input[name=category]:checked");
    if (entry && chosen) entry.textContent = entry.dataset.follows.replace("{}", chosen.dataset.department);
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name=category]")) follow(document);
  });

  function enlarge(link, source) {
    const dialog = document.createElement("dialog");
    dialog.className = "zoom";
    const picture = document.createElement("img");
    picture.src = source;
    picture.alt = link.querySelector("img")?.alt ?? link.textContent.trim();
    const form = document.createElement("form");
    form.method = "dialog";
    const close = document.createElement("button");
    close.className = "button small";
    close.textContent = document.getElementById("main").dataset.close;
    form.append(close);
    dialog.append(picture, form);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = event.target.closest("a[data-zoom], a[data-heat-for]");
    if (!link) return;
    event.preventDefault();
    enlarge(link, link.href);
  });

  document.addEventListener("DOMContentLoaded", () => {
    follow(document);
    seen();
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.target.closest("#words")) return;
    const main = document.getElementById("main");
    const notice = document.createElement("p");
    notice.className = "notice error";
    notice.id = "offline";
    notice.setAttribute("role", "alert");
    notice.textContent = main.dataset.offline;
    document.getElementById("offline")?.remove();
    main.prepend(notice);
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.closest("#words, #simulator")) return;
    follow(document);
    setTimeout(seen, UNSEEN_MS);
    // Whoever listens to the page hears which alert is next.
    (document.getElementById("alert-title") ?? document.getElementById("main")).focus({ preventScroll: true });
  });
})();
