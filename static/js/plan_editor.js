/* The costs of a price plan follow what is typed: the page is asked what 「計算する」 would say. */
const form = document.querySelector("form[data-plan-editor]");
const PAUSE = 400;
let timer = 0;
let running = null;

const calculate = async () => {
  running?.abort();
  running = new AbortController();
  const sent = new FormData(form);
  sent.set("do", "calculate");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(sent),
      headers: { Accept: "text/html" },
      signal: running.signal,
    });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("estimate");
    const shown = document.getElementById("estimate");
    if (fresh && fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
  } catch (error) {
    if (error.name !== "AbortError") return; /* the button still works */
  }
};

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(calculate, PAUSE);
});
