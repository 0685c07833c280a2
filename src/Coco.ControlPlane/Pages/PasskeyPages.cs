using System.Globalization;
using Coco.ControlPlane.Accounts;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Passkeys;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Pages;

/// <summary>
/// Passkeys at the pages: signing in with one, and those of the own account. Forms that need a script are hidden until it runs; it asks what the authenticator has to sign, and sends the form with what was
/// signed as any other form is sent, guard and all.
/// </summary>
internal sealed class PasskeyPages(FormGuard guard, BrowserSession browser, PasskeyService passkeys)
{
    /// <summary>Where the form for a sign-in is sent.</summary>
    public const string SignInPath = "/sign-in/passkey";

    private const string Path = "/account/passkeys";

    private static readonly string[] AssertionFields = ["credentialId", "clientDataJson", "authenticatorData", "signature", "userHandle"];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        PasskeyScript.Map(endpoints);
        endpoints.MapPost(Path + "/prepare", PrepareAsync).WithMetadata(new Door($"page {Path}/prepare", TakesCredentials: true));
        endpoints.MapPost(Path, AddAsync).WithMetadata(new Door($"page {Path}", TakesCredentials: true));
        endpoints.MapPost(Path + "/remove", RemoveAsync).WithMetadata(new Door($"page {Path}/remove"));
    }

    /// <summary>The form of the sign-in page.</summary>
    public Html SignInForm(HttpContext context, FormValues values)
    {
        Html fields = $"";
        foreach (var name in AssertionFields) { fields = $"""{fields}<input type="hidden" name="{name}">"""; }
        return $"""
            <form method="post" action="{SignInPath}" data-passkey="get" data-prepare="/v1/sessions/passkey/prepare" hidden>{guard.FieldFor(context, SignInPath)}
            <input type="hidden" name="ticket" value="{values["ticket"]}">{fields}<p role="alert" hidden></p><button class="other">Sign in with a passkey</button></form>
            """;
    }

    /// <summary>Signs in by what that form brought.</summary>
    /// <exception cref="ApiException">It is not right.</exception>
    public Task<SignedIn> SignInAsync(HttpContext context, FormValues values) => passkeys.SignInAsync(
        new(values["credentialId"], values["clientDataJson"], values["authenticatorData"], values["signature"], values["userHandle"] is { Length: > 0 } handle ? handle : null), context.RequestAborted);

    /// <summary>The part of the account's page.</summary>
    public async Task<Html> SectionAsync(HttpContext context, Token session)
    {
        var field = guard.FieldFor(context, PurposeOf(session));
        Html list = $"";
        foreach (var passkey in await passkeys.ListAsync(session.AccountId!, context.RequestAborted))
        {
            var used = passkey.Used is { } at ? ", used " + Day(at) : "";
            list = $"""{list}<li>{passkey.Name}, added {Day(passkey.Created)}{used}<form method="post" action="{Path}/remove">{field}<input type="hidden" name="passkey" value="{passkey.Id}"><button class="other">Remove it</button></form></li>""";
        }
        return $"""
            <h2>Passkeys</h2><p>With a passkey you sign in by what unlocks your device, without a password.</p><ul>{list}</ul>
            <noscript><p>Adding and using one takes a script, which your browser does not run. Your password works as before.</p></noscript>
            <form method="post" action="{Path}" data-passkey="create" data-prepare="{Path}/prepare" hidden>{field}
            <label for="name">Name of the passkey</label><input id="name" name="name" maxlength="64" autocomplete="off" required>
            <label for="password">Your password</label><input id="password" name="password" type="password" autocomplete="current-password" required>
            <input type="hidden" name="clientDataJson"><input type="hidden" name="attestationObject"><p role="alert" hidden></p><button>Add a passkey</button></form>
            """;
    }

    // Answers as the API does, as the script asks and no person reads it.
    private async Task PrepareAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not var (session, values)) { throw new ApiException(ProblemCode.Forbidden, FormPages.Stale); }
        var answer = await passkeys.BeginAddingAsync(CallerOf(session), new(values["password"]), context.RequestAborted);
        await new AnswerResult(answer).ExecuteAsync(context);
    }

    private Task AddAsync(HttpContext context) => ChangeAsync(
        context, (caller, values) => passkeys.AddAsync(caller, new(values["name"].Trim(), values["clientDataJson"], values["attestationObject"]), context.RequestAborted));

    private Task RemoveAsync(HttpContext context) => ChangeAsync(context, (caller, values) => passkeys.RemoveAsync(caller, values["passkey"], context.RequestAborted));

    private async Task ChangeAsync(HttpContext context, Func<Caller, FormValues, Task> change)
    {
        if (await ReadAsync(context) is not var (session, values))
        {
            await Page.WriteErrorAsync(context, FormPages.Stale);
            return;
        }
        try
        {
            await change(CallerOf(session), values);
        }
        catch (ApiException exception)
        {
            await Page.WriteErrorAsync(context, exception.Message, Problems.StatusOf(exception.Code));
            return;
        }
        Page.Redirect(context, "/account");
    }

    // A form of ours, by who is signed in; null for anything else.
    private async Task<(Token Session, FormValues Values)?> ReadAsync(HttpContext context)
    {
        var (form, session) = (await FormPages.ReadAsync(context), await browser.FindAsync(context));
        return form is not null && session is not null && guard.IsOurs(context, form, PurposeOf(session)) ? (session, FormValues.OfForm(form)) : null;
    }

    private static Caller CallerOf(Token session) => new(CallerKind.Account) { AccountId = session.AccountId, TokenId = session.Id };

    private static string PurposeOf(Token session) => $"{Path} {session.Id}";

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
