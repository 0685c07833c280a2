// A browser as far as the pages need one, made of node alone: it keeps cookies, follows redirects, reads forms from the pages as served, holds scripts to the page's
// Content-Security-Policy and runs those that it allows, in a context with a document and with navigator.credentials.
import vm from "node:vm";

const decode = (text) => text.replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replace(/&#x([0-9A-F]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)));

const attributesOf = (text) => Object.fromEntries([...text.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)].map(([, name, value]) => [name, decode(value ?? "")]));

class Form {
  #listeners = [];

  constructor(page, attributes, inner) {
    this.page = page;
    this.action = attributes.action;
    this.hidden = "hidden" in attributes;
    this.dataset = { passkey: attributes["data-passkey"], prepare: attributes["data-prepare"] };
    this.inputs = [...inner.matchAll(/<input ([^>]*)>/g)].map(([, text]) => attributesOf(text)).map((one) => ({ name: one.name, type: one.type, value: one.value ?? "" }));
    this.elements = { namedItem: (name) => this.inputs.find((input) => input.name === name) ?? null };
    this.button = { disabled: false };
    this.alert = /role="?alert/.test(inner) ? { hidden: true, textContent: "" } : null;
  }

  querySelector(selector) {
    if (selector === "[role=alert]") { return this.alert; }
    if (selector === "button") { return this.button; }
    throw new Error(`The document knows no ${selector}`);
  }

  addEventListener(kind, listener) {
    if (kind !== "submit") { throw new Error(kind); }
    this.#listeners.push(listener);
  }

  // What a press of the button does.
  async press(values = {}) {
    if (this.hidden) { throw new Error(`The form for ${this.action} is hidden.`); }
    for (const [name, value] of Object.entries(values)) { this.elements.namedItem(name).value = value; }
    let isPrevented = false;
    for (const listener of this.#listeners) { await listener({ preventDefault: () => { isPrevented = true; } }); }
    if (!isPrevented) { this.submit(); }
    return this.page.browser.settle();
  }

  submit() {
    if (!this.page.allows("form-action", this.action)) { throw new Error("The policy forbids this form."); }
    this.page.browser.navigate(this.action, { method: "POST", body: new URLSearchParams(this.inputs.map(({ name, value }) => [name, value])) });
  }
}

class Page {
  constructor(browser, url, response, text) {
    this.browser = browser;
    this.url = url;
    this.status = response.status;
    this.text = text;
    this.policy = Object.fromEntries((response.headers.get("content-security-policy") ?? "").split(";").map((one) => one.trim().split(" ")).map(([name, ...sources]) => [name, sources]));
    this.forms = [...text.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].map(([, attributes, inner]) => new Form(this, attributesOf(attributes), inner));
    this.alert = decode(/<p role="alert">([^<]*)<\/p>/.exec(text)?.[1] ?? "");
  }

  form(action) { return this.forms.find((form) => form.action === action); }

  // CSP3 §6.7.2, as much as the pages use: 'self', and nothing for what is not named.
  allows(directive, path) {
    const sources = this.policy[directive] ?? this.policy["default-src"] ?? [];
    return sources.includes("'self'") && new URL(path, this.url).origin === new URL(this.url).origin;
  }

  async run() {
    if (/<script(?![^>]*\ssrc=)/.test(this.text)) { throw new Error("The page has a script in itself."); }
    for (const [, source] of this.text.matchAll(/<script src="([^"]*)" defer><\/script>/g)) {
      if (!this.allows("script-src", decode(source))) { throw new Error("The policy forbids the page's own script."); }
      const response = await this.browser.fetch(decode(source), {}, this.url);
      if (!/^text\/javascript/.test(response.headers.get("content-type"))) { throw new Error("The script is served as something else."); }
      vm.runInNewContext(await response.text(), this.window(), { filename: source });
    }
  }

  window() {
    const { credentials } = this.browser;
    const window = {
      atob, btoa, URLSearchParams, Error, console,
      Uint8Array, // of this realm, as what a browser hands to its authenticator
      PublicKeyCredential: credentials ? class {} : undefined,
      navigator: { credentials: credentials && { get: (options) => credentials.get(options.publicKey, this), create: (options) => credentials.create(options.publicKey, this) } },
      document: { querySelectorAll: (selector) => { if (selector !== "form[data-passkey]") { throw new Error(selector); } return this.forms.filter((form) => form.dataset.passkey); } },
      FormData: class { constructor(form) { return form.inputs.map(({ name, value }) => [name, value]); } },
      fetch: (path, options) => {
        if (!this.allows("connect-src", path)) { throw new Error(`The policy forbids asking ${path}.`); }
        return this.browser.fetch(path, options, this.url);
      },
    };
    window.window = window;
    return window;
  }
}

export class Browser {
  #cookies = new Map();
  #going = null;

  constructor(origin, credentials) {
    this.origin = origin;
    this.credentials = credentials;
    this.page = null;
    this.posts = 0;
  }

  async fetch(path, options, from) {
    const headers = { ...(options.headers ?? {}), cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "), "sec-fetch-site": from ? "same-origin" : "none" };
    if (options.method === "POST") {
      headers.origin = new URL(from).origin;
      this.posts++;
    }
    const response = await fetch(new URL(path, this.origin), { ...options, headers, redirect: "manual", credentials: undefined, cache: undefined });
    for (const cookie of response.headers.getSetCookie()) {
      const [name, value] = cookie.split(";")[0].split("=");
      if (value === "") { this.#cookies.delete(name); } else { this.#cookies.set(name, value); }
    }
    return response;
  }

  navigate(path, options = {}) { this.#going = this.#go(path, options); }

  async open(path) {
    this.navigate(path);
    return this.settle();
  }

  async settle() {
    await this.#going;
    return this.page;
  }

  async #go(path, options) {
    const from = this.page?.url;
    let response = await this.fetch(path, options, from);
    let url = new URL(path, this.origin);
    for (let hops = 0; response.status === 303 && hops < 5; hops++) {
      url = new URL(response.headers.get("location"), url);
      if (url.origin !== this.origin) { break; }
      response = await this.fetch(url.pathname + url.search, {}, from ?? url.href);
    }
    this.page = new Page(this, url.href, response, await response.text());
    await this.page.run();
  }
}
