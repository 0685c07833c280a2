// What a person does with passkeys at the pages, and what the pages show: a line of JSON for each step, which the test compares.
import { Authenticator } from "./authenticator.mjs";
import { Browser } from "./browser.mjs";

const { origin, email, password, ticket } = JSON.parse(await new Response(process.stdin).text());
const show = (step, what) => console.log(JSON.stringify({ step, ...what }));
const seen = (page) => ({ path: new URL(page.url).pathname, status: page.status, alert: page.alert });

const authenticator = new Authenticator(origin);
const browser = new Browser(origin, authenticator);

// Without passkeys in the browser, the page is what it was.
const plain = new Browser(origin, null);
show("no passkeys", { hidden: (await plain.open("/sign-in")).form("/sign-in/passkey").hidden });

let page = await browser.open("/sign-in");
show("passkeys", { hidden: page.form("/sign-in/passkey").hidden });
page = await page.form("/sign-in").press({ email, password });
show("password", seen(page));

let form = page.form("/account/passkeys");
page = await form.press({ name: "My laptop", password: "not the password" });
show("add with a wrong password", { ...seen(page), told: form.alert.textContent, isShown: !form.alert.hidden, again: !form.button.disabled });

authenticator.trouble = "cancel";
await form.press({ name: "My laptop", password });
show("add cancelled", { told: form.alert.textContent, keys: authenticator.count });

authenticator.trouble = "origin";
show("add from elsewhere", seen(await form.press({ name: "My laptop", password })));
authenticator.trouble = "challenge";
page = await browser.open("/account");
show("add by another challenge", seen(await page.form("/account/passkeys").press({ name: "My laptop", password })));

authenticator.trouble = null;
page = await browser.open("/account");
form = page.form("/account/passkeys");
page = await form.press({ name: "My <b>laptop</b>", password });
show("add", { ...seen(page), isListed: page.text.includes("My &lt;b&gt;laptop&lt;/b&gt;, added"), sent: form.elements.namedItem("password").value });
form = page.form("/account/passkeys");
await form.press({ name: "Again", password });
show("add twice", { told: form.alert.textContent });

const signOut = async () => (await (await browser.open("/account")).form("/sign-out").press());
const passkey = async (path = "/sign-in") => {
  const form = (await browser.open(path)).form("/sign-in/passkey");
  const posts = browser.posts;
  const page = await form.press();
  return { ...seen(page), told: form.alert.textContent, posts: browser.posts - posts };
};
show("sign out", seen(await signOut()));
for (const trouble of ["cancel", "origin", "challenge"]) {
  authenticator.trouble = trouble;
  show(`sign in: ${trouble}`, await passkey());
  show(`account after ${trouble}`, seen(await browser.open("/account")));
}
authenticator.trouble = null;
show("sign in", await passkey());
page = await browser.open("/account");
show("account", { ...seen(page), isTheirs: page.text.includes(`signed in as ${email}`), used: page.text.includes(", used ") });

await signOut();
show("sign in for an app", await passkey(`/sign-in?ticket=${ticket}`));

page = await browser.open("/account");
show("remove", seen(await page.form("/account/passkeys/remove").press()));
await signOut();
show("sign in by what was removed", await passkey());
