/* Suggestions while typing: a combobox over a plain search field (ARIA 1.2 editable combobox). */
const WAIT_MS = 120;
let boxes = 0;

class Combobox {
  constructor(input) {
    this.input = input;
    this.list = this.makeList();
    this.status = this.makeStatus();
    this.options = [];
    this.active = -1;
    this.typed = input.value;
    this.timer = 0;
    this.request = null;
    this.dress();
    this.listen();
  }

  makeList() {
    boxes += 1;
    const list = document.createElement("ul");
    list.id = `suggestions-${boxes}`;
    list.className = "moyai-suggest";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "入力の候補");
    list.hidden = true;
    this.input.parentElement.append(list);
    return list;
  }

  makeStatus() {
    const status = document.createElement("span");
    status.className = "dads-u-visually-hidden";
    status.setAttribute("role", "status");
    this.input.parentElement.append(status);
    return status;
  }

  dress() {
    const attributes = {
      role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false",
      "aria-controls": this.list.id, "aria-haspopup": "listbox",
    };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
  }

  listen() {
    this.input.addEventListener("input", () => this.wait());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    // The field keeps the focus while an option is pressed.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(this.options.indexOf(option));
    });
  }

  wait() {
    this.typed = this.input.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.request?.abort();
    this.request = new AbortController();
    const text = this.typed.trim();
    if (!text) return this.close();
    const address = `${this.input.dataset.suggest}?${new URLSearchParams({ q: text })}`;
    try {
      const response = await fetch(address, { signal: this.request.signal });
      const found = response.ok ? (await response.json()).results : [];
      if (text === this.input.value.trim() && document.activeElement === this.input) this.show(found);
    } catch {
      /* asked again with the next letter; the field works as it is */
    }
  }

  show(found) {
    this.options = found.map((suggestion, place) => this.makeOption(suggestion, place));
    this.list.replaceChildren(...this.options);
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.open(found.length > 0);
    this.status.textContent = found.length ? `候補 ${found.length}件。上下の矢印キーで選べます。` : "";
  }

  makeOption(suggestion, place) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${place}`;
    option.className = "moyai-suggest__option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.text = suggestion.text;
    const kind = document.createElement("span");
    kind.className = "moyai-suggest__kind";
    kind.textContent = suggestion.label + (suggestion.fictional ? "（架空）" : "");
    option.append(suggestion.text, " ", kind);
    return option;
  }

  open(shown) {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.open(false);
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    this.status.textContent = "";
  }

  press(event) {
    if (event.isComposing) return;
    if (this.list.hidden) {
      if (event.key === "ArrowDown" && this.input.value.trim()) {
        event.preventDefault();
        this.typed = this.input.value;
        this.ask();
      }
      return;
    }
    const last = this.options.length - 1;
    if (event.key === "ArrowDown") this.move(this.active >= last ? -1 : this.active + 1);
    else if (event.key === "ArrowUp") this.move(this.active < 0 ? last : this.active - 1);
    else if (event.key === "Enter" && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape") this.leave();
    else return;
    event.preventDefault();
  }

  /* -1 is the field itself, with what was typed */
  move(place) {
    this.options[this.active]?.setAttribute("aria-selected", "false");
    this.active = place;
    const option = this.options[place];
    this.input.value = option ? option.dataset.text : this.typed;
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  leave() {
    this.input.value = this.typed;
    this.close();
  }

  choose(place) {
    this.input.value = this.options[place].dataset.text;
    this.typed = this.input.value;
    this.close();
    this.input.form.requestSubmit();
  }
}

for (const input of document.querySelectorAll("input[data-suggest]")) new Combobox(input);
