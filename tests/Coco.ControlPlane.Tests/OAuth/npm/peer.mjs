// One step of an app for each line read from the test: {"do": …}. Pages are driven as a browser without scripts does it.
import * as oidc from 'openid-client';
import { createInterface } from 'node:readline';

const jar = new Map();
const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
const unescape = text => text.replace(/&#x([0-9A-F]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16))).replaceAll('&quot;', '"').replaceAll('&amp;', '&');

async function open(url, body) {
  const response = await fetch(url, { method: body ? 'POST' : 'GET', body, redirect: 'manual', headers: { cookie: cookies() } });
  for (const line of response.headers.getSetCookie()) {
    const [name, value] = line.split(';')[0].split('=');
    jar.set(name, value);
  }
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
}

// Follows redirects within the server, fills in its forms, and ends where the app's own address comes.
async function visit(issuer, url, person, callback) {
  let shown = await open(url);
  for (let i = 0; i < 12; i++) {
    if (shown.location?.startsWith(callback)) { return shown.location; }
    if (shown.location) {
      shown = await open(new URL(shown.location, issuer));
      continue;
    }
    const form = new URLSearchParams();
    const first = shown.text.match(/<form.*?<\/form>/s)[0]; // the others need a script
    for (const [, name, value] of first.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) { form.set(name, unescape(value)); }
    if (first.includes('name="password"')) {
      form.set('email', person.email);
      form.set('password', person.password);
    } else {
      form.set('decision', 'allow');
    }
    shown = await open(new URL(first.match(/<form method="post" action="([^"]*)">/)[1], issuer), form);
  }
  throw new Error(`no way to the app: ${shown.status} ${shown.text}`);
}

async function run({ issuer, clientId, clientSecret, redirectUri, scope, person }) {
  const done = [];
  const insecure = { execute: [oidc.allowInsecureRequests] }; // loopback without TLS
  for (const algorithm of ['oidc', 'oauth2']) {
    const found = await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, { ...insecure, algorithm });
    if (found.serverMetadata().issuer !== issuer) { throw new Error('another issuer'); }
    done.push(`discovery ${algorithm}`);
  }
  for (const [name, method] of [['basic', oidc.ClientSecretBasic], ['post', oidc.ClientSecretPost]]) {
    const config = await oidc.discovery(new URL(issuer), clientId, undefined, method(clientSecret), insecure);
    oidc.enableNonRepudiationChecks(config); // the ID token's signature, by the keys at jwks_uri
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri, scope, state, nonce, max_age: '3600', code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    });
    const location = await visit(issuer, url, person, redirectUri);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(location), { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, maxAge: 3600 });
    const claims = tokens.claims();
    if (claims.email !== person.email || claims.email_verified !== true) { throw new Error('the ID token lacks the address'); }
    done.push(`code ${name}`);

    const info = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    if (info.email !== person.email) { throw new Error('userinfo lacks the address'); }
    done.push(`userinfo ${name}`);

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    if (refreshed.refresh_token === tokens.refresh_token || refreshed.claims().sub !== claims.sub) { throw new Error('the refresh token was not rotated'); }
    done.push(`refresh ${name}`);

    const before = await oidc.tokenIntrospection(config, refreshed.access_token);
    await oidc.tokenRevocation(config, refreshed.refresh_token);
    const after = await oidc.tokenIntrospection(config, refreshed.access_token);
    if (!before.active || after.active || before.sub !== claims.sub) { throw new Error('introspection'); }
    done.push(`introspect and revoke ${name}`);

    const refused = await oidc.refreshTokenGrant(config, refreshed.refresh_token).then(() => 'none', error => error.error);
    if (refused !== 'invalid_grant') { throw new Error(`a revoked token was answered with ${refused}`); }

    const own = await oidc.clientCredentialsGrant(config, { scope: 'networks:read' });
    if (own.scope !== 'networks:read' || own.refresh_token) { throw new Error('client credentials'); }
    done.push(`client credentials ${name}`);
  }
  return done;
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ done: await run(JSON.parse(line)) }));
  } catch (error) {
    console.log(JSON.stringify({ error: `${error.stack} ${JSON.stringify(error.cause ?? '', null, 1)}` }));
  }
}
