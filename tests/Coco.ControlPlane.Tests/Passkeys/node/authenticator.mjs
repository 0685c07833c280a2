// navigator.credentials as a program: a browser's part of WebAuthn (§5.1.3, §5.1.4) as far as it can refuse, and an authenticator with an ES256 key (§6).
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();
const exception = (name) => Object.assign(new Error(name), { name });

// CBOR, in the shortest forms (CTAP2 §6).
const head = (major, count) => count < 24 ? Buffer.from([(major << 5) | count]) : count < 256 ? Buffer.from([(major << 5) | 24, count]) : Buffer.from([(major << 5) | 25, count >> 8, count & 255]);
const cbor = {
  bytes: (bytes) => Buffer.concat([head(2, bytes.length), bytes]),
  text: (text) => Buffer.concat([head(3, Buffer.byteLength(text)), Buffer.from(text)]),
  number: (number) => number < 0 ? head(1, -1 - number) : head(0, number),
  map: (...pairs) => Buffer.concat([head(5, pairs.length), ...pairs.flat()]),
};

export class Authenticator {
  #keys = [];

  // What it does otherwise than it should: cancel, or write another origin or challenge into what is signed.
  trouble = null;

  constructor(origin) {
    this.origin = origin;
  }

  get count() { return this.#keys.length; }

  async create(options) {
    this.#check(options.rp.id, options.challenge, options.authenticatorSelection.userVerification);
    if (options.attestation !== "none" || options.authenticatorSelection.residentKey !== "required") { throw exception("NotSupportedError"); }
    if (!options.pubKeyCredParams.some(({ type, alg }) => type === "public-key" && alg === -7)) { throw exception("NotSupportedError"); }
    if (options.excludeCredentials.some(({ id }) => this.#keys.some((key) => key.id.equals(Buffer.from(id))))) { throw exception("InvalidStateError"); }
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = { id: randomBytes(32), privateKey, rpId: options.rp.id, user: Buffer.from(options.user.id), count: 0 };
    this.#keys.push(key);
    const { x, y } = publicKey.export({ format: "jwk" });
    const cose = cbor.map( // RFC 9053 §7.1.1
      [cbor.number(1), cbor.number(2)], [cbor.number(3), cbor.number(-7)], [cbor.number(-1), cbor.number(1)], [cbor.number(-2), cbor.bytes(Buffer.from(x, "base64url"))], [cbor.number(-3), cbor.bytes(Buffer.from(y, "base64url"))]);
    const data = this.#data(key, 0x40, Buffer.concat([Buffer.alloc(16), Buffer.from([0, key.id.length]), key.id, cose]));
    const attestation = cbor.map([cbor.text("fmt"), cbor.text("none")], [cbor.text("attStmt"), cbor.map()], [cbor.text("authData"), cbor.bytes(data)]);
    return { rawId: this.#buffer(key.id), response: { clientDataJSON: this.#clientData("webauthn.create", options.challenge), attestationObject: this.#buffer(attestation) } };
  }

  async get(options) {
    this.#check(options.rpId, options.challenge, options.userVerification);
    const key = this.#keys.findLast((one) => one.rpId === options.rpId) ?? (() => { throw exception("NotAllowedError"); })();
    const clientDataJSON = this.#clientData("webauthn.get", options.challenge);
    const data = this.#data(key, 0, Buffer.alloc(0));
    const signature = sign("sha256", Buffer.concat([data, sha256(Buffer.from(clientDataJSON))]), key.privateKey); // in DER, as §6.5.5 wants it
    return { rawId: this.#buffer(key.id), response: { clientDataJSON, authenticatorData: this.#buffer(data), signature: this.#buffer(signature), userHandle: this.#buffer(key.user) } };
  }

  #check(rpId, challenge, verification) {
    if (this.trouble === "cancel") { throw exception("NotAllowedError"); }
    if (rpId !== new URL(this.origin).hostname) { throw exception("SecurityError"); }
    if (!ArrayBuffer.isView(challenge) || challenge.length < 16 || verification !== "required") { throw new TypeError("options"); }
  }

  #clientData(type, challenge) {
    const made = this.trouble === "challenge" ? randomBytes(challenge.length) : Buffer.from(challenge);
    const origin = this.trouble === "origin" ? "https://evil.example" : this.origin;
    return this.#buffer(Buffer.from(JSON.stringify({ type, challenge: made.toString("base64url"), origin, crossOrigin: false })));
  }

  // §6.1: present and verified.
  #data(key, flags, rest) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(++key.count);
    return Buffer.concat([sha256(key.rpId), Buffer.from([0x05 | flags]), count, rest]);
  }

  #buffer(bytes) { return Uint8Array.from(bytes).buffer; }
}
