/* Results follow the filters without a new page. Address, focus and folds stay the reader's. */
const panel = document.querySelector("form[data-live-filters]");
const status = document.getElementById("live-count");
let request = null;

const inputsOf = (root) => root.querySelectorAll("form[data-live-filters] input[type=checkbox]");
const keyOf = (input) => `${input.name}=${input.value}`;

function patchFilters(fresh) {
  const found = new Map([...inputsOf(fresh)].map((input) => [keyOf(input), input]));
  for (const input of inputsOf(document)) {
    const now = found.get(keyOf(input));
    const count = input.closest("label").querySelector(".moyai-facets__count");
    const none = '0<span class="dads-u-visually-hidden">件</span>';
    input.checked = now ? now.checked : false;
    input.disabled = now ? now.disabled : true;
    count.innerHTML = now ? now.closest("label").querySelector(".moyai-facets__count").innerHTML : none;
  }
  const summaries = new Map(
    [...fresh.querySelectorAll("[data-facet] > summary")].map((s) => [s.parentElement.dataset.facet, s]),
  );
  for (const group of document.querySelectorAll("[data-facet]")) {
    const now = summaries.get(group.dataset.facet);
    if (now) group.querySelector("summary").innerHTML = now.innerHTML;
  }
}

function patchResults(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
    if (now) part.replaceChildren(...now.childNodes);
  }
  document.title = fresh.title;
  const count = document.querySelector(".moyai-result-bar__count");
  status.textContent = count ? `検索結果 ${count.textContent.trim()}` : "";
}

async function show(address) {
  request?.abort();
  request = new AbortController();
  const results = document.querySelector('[data-live="results"]');
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { signal: request.signal, headers: { Accept: "text/html" } });
    if (!response.ok) throw new Error(String(response.status));
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!fresh.querySelector('[data-live="results"]')) throw new Error("another page");
    patchFilters(fresh);
    patchResults(fresh);
    return true;
  } catch (problem) {
    if (problem.name !== "AbortError") location.assign(address);
    return false;
  } finally {
    if (!request.signal.aborted) results.removeAttribute("aria-busy");
  }
}

function addressOf(form) {
  const wanted = new URLSearchParams(new FormData(form));
  // What is ticked for comparison now, not what was when the page came.
  const tray = document.getElementById("compare-tray");
  if (tray) {
    wanted.delete("ids");
    for (const id of new FormData(tray).getAll("ids")) wanted.append("ids", id);
  }
  const query = wanted.toString();
  return query ? `${form.getAttribute("action")}?${query}` : form.getAttribute("action");
}

if (panel && status) {
  panel.addEventListener("change", async () => {
    const address = addressOf(panel);
    if (await show(address)) history.pushState({ live: true }, "", address);
  });
  window.addEventListener("popstate", () => show(location.href));
}
