// Makes and uses passkeys at the pages (WebAuthn §5.1). Everything else works without it: what needs it is hidden until it runs where there are passkeys.
"use strict";

(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) { return; }

  const texts = {
    NotAllowedError: "Nothing was done: it was cancelled, or took too long.",
    AbortError: "Nothing was done: it was cancelled.",
    InvalidStateError: "This device has a passkey for this account already.",
    NotSupportedError: "This device cannot make a passkey that is taken here.",
    SecurityError: "Passkeys of this address are not for this page. Open the page by the address in your mails.",
  };

  // Base64url without padding, as the API writes bytes (RFC 4648 §5).
  const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
  const toText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // What the server refuses, it says in words for people; any other fault of ours is told by its own.
  class Refusal extends Error {}

  const ask = async (path, body) => {
    const response = await fetch(path, { method: "POST", body, credentials: "same-origin", cache: "no-store" });
    const answer = await response.json();
    if (!response.ok) { throw new Refusal(answer.detail); }
    return answer;
  };

  const fill = (form, values) => {
    for (const [name, bytes] of Object.entries(values)) { form.elements.namedItem(name).value = bytes ? toText(bytes) : ""; }
  };

  const ways = {
    async get(form) {
      const options = await ask(form.dataset.prepare);
      const { rawId, response } = await navigator.credentials.get({
        publicKey: { challenge: toBytes(options.challenge), rpId: options.rpId, userVerification: "required" },
      });
      fill(form, {
        credentialId: rawId, clientDataJson: response.clientDataJSON, authenticatorData: response.authenticatorData, signature: response.signature, userHandle: response.userHandle,
      });
    },

    async create(form) {
      const options = await ask(form.dataset.prepare, new URLSearchParams(new FormData(form)));
      const { response } = await navigator.credentials.create({
        publicKey: {
          challenge: toBytes(options.challenge),
          rp: { id: options.rpId, name: options.rpId },
          user: { id: toBytes(options.userId), name: options.userName, displayName: options.userName },
          pubKeyCredParams: options.algorithms.map((alg) => ({ type: "public-key", alg })),
          excludeCredentials: options.exclude.map((id) => ({ type: "public-key", id: toBytes(id) })),
          authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
          attestation: "none",
        },
      });
      form.elements.namedItem("password").value = ""; // it has done its part
      fill(form, { clientDataJson: response.clientDataJSON, attestationObject: response.attestationObject });
    },
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const alert = form.querySelector("[role=alert]");
    const button = form.querySelector("button");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true;
      alert.hidden = true;
      try {
        await ways[form.dataset.passkey](form);
        form.submit(); // the page's own form, with what the authenticator signed; the server decides
      } catch (error) {
        alert.textContent = error instanceof Refusal ? error.message : texts[error.name] ?? "It did not work. Try again, or use your password.";
        alert.hidden = false;
        button.disabled = false;
      }
    });
    form.hidden = false;
  }
})();
