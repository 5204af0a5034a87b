/* Small helps on pages that work without them. No inline handlers, no eval: the strict CSP holds. */
"use strict";

(function () {
  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const cookie = (name) => (document.cookie.match("(?:^|; )" + name + "=([^;]*)") || [])[1];

  /* CSRF: HTMX asks with the token of the nearest form, the page's own, or the cookie. */
  document.addEventListener("htmx:configRequest", (event) => {
    const field = $("input[name=csrfmiddlewaretoken]", event.target.closest("form") || document) || $("input[name=csrfmiddlewaretoken]");
    const token = field ? field.value : cookie("csrftoken");
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });

  /* Buttons: while a form is on its way its buttons are disabled and the pressed one says so (data-busy). */
  function busy(button) {
    if (!button || button.dataset.said) return;
    button.dataset.said = button.innerHTML;
    if (button.dataset.busy) button.textContent = button.dataset.busy;
  }
  function idle(form) {
    $$("button", form).forEach((button) => {
      button.disabled = false;
      if (button.dataset.said) { button.innerHTML = button.dataset.said; delete button.dataset.said; }
    });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog") return;
    if (form.dataset.sent) { event.preventDefault(); return; }  // a second press while the first is running
    form.dataset.sent = "1";
    busy(event.submitter);
    setTimeout(() => $$("button[type=submit], button:not([type])", form).forEach((button) => { button.disabled = true; }));
    setTimeout(() => { delete form.dataset.sent; idle(form); }, 15000);  // a download answers without a new page
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) $$("form").forEach((form) => { delete form.dataset.sent; idle(form); });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form");
    if (form) { delete form.dataset.sent; idle(form); }
  });

  /* A page that answered a POST stands at the address of its object: a reload looks again, and sends nothing twice. */
  const settled = $("meta[name=bf-settled]");
  if (settled && window.history.replaceState) window.history.replaceState(null, "", settled.content);

  /* Panels whose work is done stand open where there is room, and on paper. */
  const wide = window.matchMedia("(min-width: 768px)");
  const unfold = (root) => {
    if (!wide.matches) return;
    const own = root.matches && root.matches("details[data-open-wide]") ? [root] : [];
    [...own, ...$$("details[data-open-wide]", root)].forEach((one) => { one.open = true; });
  };
  window.addEventListener("beforeprint", () => $$("details[data-open-wide]").forEach((one) => { one.open = true; }));

  /* A link to something folded opens it. */
  const unfolded = (hash) => {
    const target = hash.length > 1 && document.getElementById(hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href^='#']");
    if (link) unfolded(link.getAttribute("href"));
  });

  /* Keys: / search, g h home, j k rows, x select, ? help; never while typing. */
  let before = "";
  const rows = () => $$("table.table-hover tbody tr").filter((row) => $("a, button, input", row) && row.offsetParent !== null);
  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.classList.contains("here"));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    all.forEach((row) => row.classList.toggle("here", row === next));
    ($("th a, .act a, .act button, a, button", next) || $("input", next)).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]:not(.position-static)")) return;
    const key = event.key;
    const named = key.length === 1 && $(`[data-key="${CSS.escape(key.toLowerCase())}"]`);
    if (named && before !== "g") { named.click(); event.preventDefault(); }
    else if (key === "/") { const box = $("[data-search]"); if (box) { box.focus(); box.select(); event.preventDefault(); } }
    else if (before === "g" && key === "h") { const home = $(".bf-mark"); if (home) location.href = home.href; }
    else if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "?") { const help = $("a[data-help]"); if (help) location.href = help.href; }
    else if (key === "x") { const box = $("tr.here .pick input"); if (box) { box.click(); event.preventDefault(); } }
    before = key;
  });

  /* Revealed values: counted down on the screen's clock, then masked again. */
  setInterval(() => {
    $$("[data-hide-after]").forEach((counter) => {
      if (!counter.dataset.end) {
        counter.dataset.end = Date.now() + Number(counter.dataset.hideAfter) * 1000;
        counter.dataset.words = counter.textContent;
      }
      const left = Math.ceil((Number(counter.dataset.end) - Date.now()) / 1000);
      if (left > 0) { counter.textContent = counter.dataset.words.replace(/\d+/, left); return; }
      const whole = counter.closest("[data-masked]");
      whole.textContent = whole.dataset.masked;
    });
  }, 500);

  /* Only one popover at a time; Escape and a click beside it close it. */
  document.addEventListener("toggle", (event) => {
    if (event.target.matches && event.target.matches("details.bf-mask, details.bf-more") && event.target.open) {
      $$("details.bf-mask[open], details.bf-more[open]").forEach((other) => { if (other !== event.target) other.open = false; });
    }
  }, true);
  document.addEventListener("click", (event) => {
    $$("details.bf-mask[open], details.bf-more[open]").forEach((open) => { if (!open.contains(event.target)) open.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $$("details.bf-mask[open], details.bf-more[open]").forEach((open) => { open.open = false; $("summary", open).focus(); });
  });

  /* Rows to choose from carry the class that draws them chosen. */
  function drawChoices(root) {
    $$(".bf-opt", root).forEach((row) => { const box = $("input", row); if (box) row.classList.toggle("on", box.checked); });
  }
  document.addEventListener("change", (event) => {
    if (event.target.matches(".bf-opt input")) drawChoices(event.target.closest("fieldset") || document);
    if (event.target.matches("[data-send-on-change]")) event.target.form.requestSubmit();
  });

  /* Picking rows: the bar says how many; the head picks the page; "all that meet the filters" is a box of its own. */
  function count(form) {
    const bar = $("[data-bulk]", form);
    const boxes = $$("tbody .pick input", form);
    const chosen = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => box.closest("tr").classList.toggle("sel", box.checked));
    const head = $("[data-pick-all]", form);
    if (head) { head.checked = chosen > 0 && chosen === boxes.length; head.indeterminate = chosen > 0 && chosen < boxes.length; }
    if (!bar) return;
    const all = $("input[name=all]", bar);
    const words = $("[data-bulk-words]", bar);
    if (!words.dataset.none) words.dataset.none = words.textContent;
    words.textContent = chosen ? words.dataset.bulkWords.replace("{n}", chosen) : words.dataset.none;
    $("[data-bulk-clear]", bar).classList.remove("d-none");
    bar.hidden = !chosen && !(all && all.checked);
  }
  const pickForm = (node) => node.closest("form") || document;
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("[data-pick-all]")) {
      $$("tbody .pick input", pickForm(box)).forEach((other) => { other.checked = box.checked; });
    } else if (!box.matches(".pick input, [data-bulk] input")) return;
    count(pickForm(box));
  });
  document.addEventListener("click", (event) => {
    const clear = event.target.closest("[data-bulk-clear]");
    if (!clear) return;
    const form = pickForm(clear);
    $$("tbody .pick input, [data-bulk] input[name=all]", form).forEach((box) => { box.checked = false; });
    count(form);
  });

  /* Dialogs: a link to #id opens it as a real one. */
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog && dialog.showModal) { event.preventDefault(); dialog.showModal(); }
    }
    const closer = event.target.closest("[data-close]");
    const open = closer && closer.closest("dialog");
    if (open && open.open) { event.preventDefault(); open.close(); }
  });

  /* Copy what stands in another element. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || !navigator.clipboard) return;
    navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim()).then(() => {
      const said = button.textContent;
      button.textContent = button.dataset.copied || said;
      setTimeout(() => { button.textContent = said; }, 2000);
    });
  });

  /* Signature: what is drawn goes as a PNG data address into the hidden field named by data-signature. */
  function signature(canvas) {
    if (canvas.dataset.ready || !window.SignaturePad) return;
    canvas.dataset.ready = "1";
    const field = document.getElementById(canvas.dataset.signature);
    const pad = new window.SignaturePad(canvas, { penColor: "#23201b" });
    const fit = () => {
      const ratio = Math.max(window.devicePixelRatio || 1, 1);
      const drawn = pad.toData();
      canvas.width = canvas.offsetWidth * ratio;
      canvas.height = canvas.offsetHeight * ratio;
      canvas.getContext("2d").scale(ratio, ratio);
      pad.fromData(drawn);
    };
    fit();
    window.addEventListener("resize", fit);
    pad.addEventListener("endStroke", () => { field.value = pad.toDataURL("image/png"); });
    const clear = $(`[data-signature-clear="${field.id}"]`);
    if (clear) clear.addEventListener("click", () => { pad.clear(); field.value = ""; });
  }

  /* Photos: drawn again on a canvas (which drops EXIF), at most 2,000 px and 500 KB; others are sent as they are. */
  const LIMIT = 500 * 1024;
  async function smaller(file) {
    if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    let side = 2000;
    for (let quality = 0.85; ; quality -= 0.1) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
      if (!blob) return file;
      if (blob.size <= LIMIT || side < 600) {
        return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
      }
      if (quality < 0.5) { quality = 0.85; side = Math.round(side * 0.7); }
    }
  }
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("input[type=file][data-photo]") || !window.createImageBitmap || !window.DataTransfer) return;
    const chosen = new DataTransfer();
    for (const file of input.files) {
      try { chosen.items.add(await smaller(file)); } catch (broken) { chosen.items.add(file); }  // the server names what is wrong
    }
    input.files = chosen.files;
    const place = document.getElementById(input.dataset.thumbs);
    if (!place) return;
    place.replaceChildren(...Array.from(chosen.files).filter((file) => file.type.startsWith("image/")).map((file) => {
      const picture = new Image();
      picture.src = URL.createObjectURL(file);
      picture.alt = file.name;
      return picture;
    }));
  });

  /* A long form keeps what is typed every 20 seconds and when its page is left (data-autosave is the address); 204 means kept. */
  const EVERY = 20000;
  function autosave(form) {
    if (form.dataset.watched || !window.fetch || !window.URLSearchParams) return;
    form.dataset.watched = "1";
    const words = () => new URLSearchParams(new FormData(form)).toString();
    const said = $("[data-autosave-said]", form);
    let kept = words();
    function send() {
      const now = words();
      if (now === kept || form.dataset.sent) return;
      const before = kept;
      kept = now;
      const body = new URLSearchParams(now);
      fetch(form.dataset.autosave, { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: true }).then((answer) => {
        if (answer.status !== 204) throw new Error(String(answer.status));
        const at = new Date();
        said.textContent = said.dataset.good + " " + at.getHours() + ":" + String(at.getMinutes()).padStart(2, "0");
      }).catch(() => { kept = before; said.textContent = said.dataset.bad; });
    }
    setInterval(send, EVERY);
    window.addEventListener("pagehide", send);
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  }

  function ready(root) {
    unfold(root);
    drawChoices(root);
    $$("form[data-autosave]", root).forEach(autosave);
    $$("canvas[data-signature]", root).forEach(signature);
    const first = $("[data-focus]", root);
    if (first) first.focus();
  }
  document.addEventListener("DOMContentLoaded", () => {
    ready(document);
    unfolded(location.hash);
    new Set($$("[data-bulk], [data-pick-all]").map(pickForm)).forEach(count);
  });
  document.addEventListener("htmx:afterSettle", (event) => ready(event.target));
})();
