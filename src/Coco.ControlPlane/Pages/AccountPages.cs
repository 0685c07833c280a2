using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.OAuth;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Pages;

/// <summary>Pages where people register, sign in and set new passwords.</summary>
internal sealed class AccountPages(
    FormPages forms, FormGuard guard, BrowserSession browser, PasskeyPages passkeys, ConsentPages consents, SignIn signIn, Registration registration, PasswordReset reset, AccountChanges changes, Database database,
    ServerSecret secret, TimeProvider time)
{
    /// <summary>Where the page for a request of an app is.</summary>
    public static string SignInFor(string ticket) => "/sign-in?ticket=" + Uri.EscapeDataString(ticket);

    public void Map(IEndpointRouteBuilder endpoints)
    {
        foreach (var page in new[] { SignInPage, RegisterPage, ConfirmPage, ConfirmEmailPage, ResetPage, NewPasswordPage }) { forms.Map(endpoints, page); }
        forms.MapOther(endpoints, SignInPage, PasskeyPages.SignInPath, async (context, values) => await BeginAsync(context, values, await passkeys.SignInAsync(context, values)));
        passkeys.Map(endpoints);
        consents.Map(endpoints);
        endpoints.MapGet("/account", ShowAccountAsync).WithMetadata(new Door("page /account"));
        endpoints.MapPost("/sign-out", SignOutAsync).WithMetadata(new Door("page /sign-out"));
    }

    private FormPage SignInPage => new("/sign-in", "Sign in", "Sign in", static values => $"{Ticket(values)}{Email(values)}{Password("current-password")}", SignInAsync)
    {
        After = (context, values) => $"""{passkeys.SignInForm(context, values)}<p><a href="/register">Register</a> · <a href="/reset">Forgot the password?</a></p>""",
        LeadsTo = values => AuthorizationRequest.Open(secret, values["ticket"], time.GetUtcNow())?.RedirectUri, // an app that was let in before gets its code at once
        IsScripted = true,
    };

    private FormPage RegisterPage => new("/register", "Register", "Register", static values => $"{Email(values)}{Password("new-password")}", async (context, values) =>
    {
        await registration.AskAsync(values["email"], values["password"], context.RequestAborted);
        await Page.WriteAsync(context, "Look into your mail", $"<p>We sent a link to the address. Open it within an hour.</p>");
        return null;
    });

    private FormPage ConfirmPage => new("/confirm", "Confirm your address", "Confirm", static values => $"{Code(values)}{Password("current-password")}", async (context, values) =>
    {
        if (await registration.ConfirmAsync(values["code"], values["password"], context.RequestAborted) is not { } began) { return "This is not the password that was chosen at the registration."; }
        await browser.BeginAsync(context, began);
        Page.Redirect(context, "/account");
        return null;
    });

    private FormPage ConfirmEmailPage => new("/confirm-email", "Confirm your new address", "Confirm", static values => Code(values), async (context, values) =>
    {
        await changes.ConfirmEmailAsync(values["code"], context.RequestAborted);
        await Page.WriteAsync(context, "Done", $"<p>This is the address of your account now.</p>");
        return null;
    });

    private FormPage ResetPage => new("/reset", "Set a new password", "Send me a link", static values => Email(values), async (context, values) =>
    {
        await reset.AskAsync(values["email"], context.RequestAborted);
        await Page.WriteAsync(context, "Look into your mail", $"<p>If the address has an account, we sent a link to it. Open it within an hour.</p>");
        return null;
    });

    private FormPage NewPasswordPage => new("/reset/complete", "Set a new password", "Set it", static values => $"{Code(values)}{Password("new-password")}", async (context, values) =>
    {
        await reset.CompleteAsync(values["code"], values["password"], context.RequestAborted);
        await browser.EndAsync(context);
        Page.Redirect(context, "/sign-in");
        return null;
    });

    private async Task<string?> SignInAsync(HttpContext context, FormValues values)
    {
        return await signIn.WithPasswordAsync(values["email"], values["password"], context.RequestAborted) is { } began ? await BeginAsync(context, values, began) : SignIn.Refusal;
    }

    private async Task<string?> BeginAsync(HttpContext context, FormValues values, SignedIn began)
    {
        await browser.BeginAsync(context, began);
        // Only ever to pages of our own: what a ticket holds is judged there.
        Page.Redirect(context, values["ticket"] is { Length: > 0 } ticket ? "/oauth/continue?ticket=" + Uri.EscapeDataString(ticket) : "/account");
        return null;
    }

    private async Task ShowAccountAsync(HttpContext context)
    {
        if (await browser.FindAsync(context) is not { } session || await database.ReadAsync(work => AccountStore.FindAsync(work, session.AccountId!), context.RequestAborted) is not { } account)
        {
            Page.Redirect(context, "/sign-in");
            return;
        }
        var field = guard.FieldFor(context, "/sign-out " + session.Id);
        Html sections = $"{await consents.SectionAsync(context, session)}{await passkeys.SectionAsync(context, session)}";
        await Page.WriteAsync(
            context, "Your account", $"""<p>You are signed in as {account.Email}.</p><form method="post" action="/sign-out">{field}<button>Sign out</button></form>{sections}""", isScripted: true);
    }

    private async Task SignOutAsync(HttpContext context)
    {
        var (form, session) = (await FormPages.ReadAsync(context), await browser.FindAsync(context));
        if (form is null || (session is not null && !guard.IsOurs(context, form, "/sign-out " + session.Id)))
        {
            await Page.WriteErrorAsync(context, FormPages.Stale);
            return;
        }
        await browser.EndAsync(context);
        Page.Redirect(context, "/sign-in");
    }

    private static Html Email(FormValues values) =>
        $"""<label for="email">Address of mail</label><input id="email" name="email" type="email" autocomplete="username" maxlength="254" required value="{values["email"]}">""";

    private static Html Password(string kind) =>
        $"""<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="{kind}" required>""";

    private static Html Ticket(FormValues values) => $"""<input type="hidden" name="ticket" value="{values["ticket"]}">""";

    private static Html Code(FormValues values) => $"""<input type="hidden" name="code" value="{values["code"]}">""";
}
