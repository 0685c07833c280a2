using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Pages;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;
using Microsoft.Extensions.Primitives;

namespace Coco.ControlPlane.OAuth;

/// <summary>
/// The authorization endpoint and the pages behind it: who asks is found out, then whether the person is signed in well enough, then whether the
/// person agrees; then the code goes to the app. What is wrong before the redirect URI is known to be the app's is shown here and sent nowhere.
/// </summary>
internal sealed class Authorization(
    Database database, ServerSecret secret, BrowserSession browser, FormGuard guard, Codes codes, PublicAddress address, TimeProvider time, ILogger<Authorization> logger)
{
    private const string ConsentPath = "/oauth/consent";

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods("/oauth/authorize", ["GET", "POST"], AuthorizeAsync).WithMetadata(new Door("authorize"));
        endpoints.MapGet("/oauth/continue", ContinueAsync).WithMetadata(new Door("authorize continue"));
        endpoints.MapPost(ConsentPath, ConsentAsync).WithMetadata(new Door("authorize consent"));
    }

    private async Task AuthorizeAsync(HttpContext context)
    {
        var form = HttpMethods.IsPost(context.Request.Method) ? await FormPages.ReadAsync(context) : null;
        StringValues Parameter(string name) => form is null ? context.Request.Query[name] : form[name];
        var app = Parameter("client_id") is [{ Length: > 0 and <= 128 } client] && TextException.IsStorable(client) ? await FindAppAsync(context, client) : null;
        if (app is null)
        {
            await Page.WriteErrorAsync(context, "The app that sent you here is not known.");
            return;
        }
        if (Parameter("redirect_uri") is not [{ } redirectUri] || !RedirectUris.Matches(app.Kind, app.RedirectUris, redirectUri))
        {
            await Page.WriteErrorAsync(context, "The app that sent you here wants you sent to a place that it is not registered with.");
            return;
        }
        try
        {
            var request = RequestReader.Read(app, redirectUri, Parameter, time.GetUtcNow());
            // By a link of our own, so that the session's cookie comes along wherever the request came from.
            Redirect(context, "/oauth/continue?ticket=" + request.Seal(secret));
        }
        catch (OAuthException exception)
        {
            Answer(context, redirectUri, Parameter("state") is [{ Length: <= 1024 } state] && TextException.IsStorable(state) ? state : null, ("error", exception.Error), ("error_description", exception.Message));
        }
    }

    private async Task ContinueAsync(HttpContext context)
    {
        var ticket = FormValues.OfQuery(context)["ticket"];
        if (await OpenAsync(context, ticket) is not var (request, app)) { return; }
        var mayAsk = !request.Prompt.Contains("none", StringComparer.Ordinal);
        if (await browser.FindAsync(context) is not { } session || !IsFresh(request, session))
        {
            if (mayAsk) { Redirect(context, AccountPages.SignInFor(ticket)); }
            else { Refuse(context, request, "login_required"); }
            return;
        }
        var isAgreed = !await database.ReadAsync(work => Consents.IsNeededAsync(work, session.AccountId!, request), context.RequestAborted);
        if (isAgreed && await TryGrantAsync(context, request, session, isNew: false)) { return; }
        if (mayAsk) { await ShowConsentAsync(context, request, app, session, ticket); }
        else { Refuse(context, request, "consent_required"); }
    }

    private async Task ConsentAsync(HttpContext context)
    {
        var session = await browser.FindAsync(context);
        var form = await FormPages.ReadAsync(context);
        var values = form is null ? null : FormValues.OfForm(form);
        if (session is null || values is null || !guard.IsOurs(context, form!, PurposeOf(session, values["ticket"])))
        {
            await Page.WriteErrorAsync(context, FormPages.Stale);
            return;
        }
        if (await OpenAsync(context, values["ticket"]) is not var (request, _)) { return; }
        if (!IsFresh(request, session)) { Redirect(context, AccountPages.SignInFor(values["ticket"])); }
        else if (values["decision"] == "allow") { await TryGrantAsync(context, request, session, isNew: true); }
        else { Refuse(context, request, "access_denied"); }
    }

    // The app is looked at again: it may have changed since the request.
    private async Task<(AuthorizationRequest Request, App App)?> OpenAsync(HttpContext context, string ticket)
    {
        var request = AuthorizationRequest.Open(secret, ticket, time.GetUtcNow());
        var app = request is null ? null : await FindAppAsync(context, request.AppId);
        if (request is not null && app is not null && RedirectUris.Matches(app.Kind, app.RedirectUris, request.RedirectUri)) { return (request, app); }
        await Page.WriteErrorAsync(context, "This took too long, or the app has changed. Go back to the app and begin again.");
        return null;
    }

    // Measured at the time of the request: who signs in because of it is fresh enough.
    private static bool IsFresh(AuthorizationRequest request, Token session)
    {
        var signedIn = session.SignedIn ?? session.Created;
        if (request.Prompt.Contains("login", StringComparer.Ordinal) || request.Prompt.Contains("select_account", StringComparer.Ordinal)) { return signedIn >= request.Asked; }
        return request.MaxAge is not { } seconds || signedIn.AddSeconds(seconds) >= request.Asked;
    }

    private Task ShowConsentAsync(HttpContext context, AuthorizationRequest request, App app, Token session, string ticket)
    {
        var field = guard.FieldFor(context, PurposeOf(session, ticket));
        Html list = $"";
        foreach (var scope in Scopes.All.Where(scope => request.Scopes.Contains(scope.Name, StringComparer.Ordinal))) { list = $"{list}<li>{scope.Lets}</li>"; }
        return Page.WriteAsync(
            context,
            "Let an app in?",
            $"""
            <p><strong>{app.Name}</strong> wants to</p><ul>{list}</ul><p>You will be sent to <strong>{PlaceOf(request.RedirectUri)}</strong>.</p>
            <form method="post" action="{ConsentPath}">{field}<input type="hidden" name="ticket" value="{ticket}"><button name="decision" value="allow">Let it</button><button class="other" name="decision" value="deny">Do not</button></form>
            """,
            leadsTo: request.RedirectUri);
    }

    // Not where nothing is agreed: a consent that is taken back meanwhile finds the code, or is found.
    private async Task<bool> TryGrantAsync(HttpContext context, AuthorizationRequest request, Token session, bool isNew)
    {
        var code = await database.WriteAsync<string?>(
            async work =>
            {
                if (isNew) { await Consents.AddAsync(work, session.AccountId!, request, time.GetUtcNow()); }
                else if (await Consents.IsNeededAsync(work, session.AccountId!, request)) { return null; }
                return await codes.IssueAsync(work, request, session);
            },
            context.RequestAborted);
        if (code is null) { return false; }
        OAuthLog.Granted(logger, request.AppId, session.AccountId!);
        Answer(context, request.RedirectUri, request.State, ("code", code));
        return true;
    }

    private void Refuse(HttpContext context, AuthorizationRequest request, string error) => Answer(context, request.RedirectUri, request.State, ("error", error));

    // RFC 6749 §4.1.2; iss by RFC 9207, against apps that mix up servers.
    private void Answer(HttpContext context, string redirectUri, string? state, params (string Name, string Value)[] parameters)
    {
        var all = parameters.Append(("iss", address.Url));
        if (state is not null) { all = all.Append(("state", state)); }
        var query = string.Join('&', all.Select(pair => pair.Item1 + "=" + Uri.EscapeDataString(pair.Item2)));
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        Redirect(context, redirectUri + (redirectUri.Contains('?', StringComparison.Ordinal) ? "&" : "?") + query);
    }

    private static void Redirect(HttpContext context, string location)
    {
        // 303: a form with a password must not be posted on (RFC 9700 §4.12).
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = location;
        context.Response.Headers.CacheControl = "no-store";
    }

    private static string PurposeOf(Token session, string ticket) => $"{ConsentPath} {session.Id} {ticket}";

    private static string PlaceOf(string redirectUri) => new Uri(redirectUri) is { Scheme: "https" or "http" } uri ? uri.Authority : "an app on this device";

    private Task<App?> FindAppAsync(HttpContext context, string id) => database.ReadAsync(session => AppStore.FindOpenAsync(session, id), context.RequestAborted);
}
