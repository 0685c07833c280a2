using System.Globalization;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Apps;
using Coco.ControlPlane.OAuth;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tokens;

namespace Coco.ControlPlane.Pages;

/// <summary>The part of the account's page where people see which apps they let in and take that back. Plain forms, without a script.</summary>
internal sealed class ConsentPages(FormGuard guard, BrowserSession browser, Database database, TokenStore tokens, TimeProvider time)
{
    private const string Path = "/account/apps/take-back";
    private const int Most = 1_000; // more than anybody reads

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost(Path, TakeBackAsync).WithMetadata(new Door("page " + Path));

    /// <summary>The part of the page.</summary>
    public async Task<Html> SectionAsync(HttpContext context, Token session)
    {
        var consents = await database.ReadAsync(work => Consents.ListAsync(work, session.AccountId!, "", Most), context.RequestAborted);
        Html list = $"";
        foreach (var consent in consents)
        {
            // Each has a guard of its own: what was shown for one app takes back no other.
            var field = guard.FieldFor(context, PurposeOf(session, consent.App));
            Html scopes = $"";
            foreach (var scope in Scopes.All.Where(scope => consent.Scopes.Contains(scope.Name, StringComparer.Ordinal))) { scopes = $"{scopes}<li>{scope.Lets}</li>"; }
            var since = consent.Given.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            list = $"""
                {list}<li><strong>{consent.Name}</strong>, let in on {since}, may<ul>{scopes}</ul>
                <form method="post" action="{Path}">{field}<input type="hidden" name="app" value="{consent.App}"><button class="other">Take it back from {consent.Name}</button></form></li>
                """;
        }
        return consents.Count == 0
            ? $"<h2>Apps</h2><p>You have let no app in.</p>"
            : (Html)$"<h2>Apps</h2><p>These apps act for you. Take it back from one, and it is signed out of your account at once.</p><ul>{list}</ul>";
    }

    private async Task TakeBackAsync(HttpContext context)
    {
        var (form, session) = (await FormPages.ReadAsync(context), await browser.FindAsync(context));
        var app = form is null ? "" : FormValues.OfForm(form)["app"];
        if (form is null || session is null || !guard.IsOurs(context, form, PurposeOf(session, app)))
        {
            await Page.WriteErrorAsync(context, FormPages.Stale);
            return;
        }
        await database.WriteAsync(
            async work =>
            {
                // Twice is as good as once: it is what was asked for.
                if (!await Consents.TryTakeBackAsync(work, tokens, session.AccountId!, app)) { return; }
                await work.ExecuteAsync(
                    $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({Identifiers.New("evt")}, {time.GetUtcNow()}, {"account:" + session.AccountId}, {Api.Operations.DeleteConsent.Id}, {"app=" + app})");
            },
            context.RequestAborted);
        Page.Redirect(context, "/account");
    }

    private static string PurposeOf(Token session, string app) => $"{Path} {session.Id} {app}";
}
