using System.Security.Cryptography;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Webhooks;
using Coco.ControlPlane.Installs;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Webhooks;

/// <summary>
/// Events that services of apps are to be told, written in the transaction of the change. The app that owns a developer network hears all of it, with real ids. An app whose
/// install a node is in any other network hears of that node only, by pseudonyms, and at the end of the day: when it is told would tell when it was, and the order which is which.
/// </summary>
internal sealed class WebhookOutbox(Pseudonyms pseudonyms, TimeProvider time)
{
    public const string Channel = "webhooks";

    public static readonly string[] Events = ["node.created", "node.removed", "role.changed", "invitation.used", "usage.warning"];

    // Positions are milliseconds and a number among those of the same one.
    private const long PerMillisecond = 4096;

    /// <summary>Tells of something that happened to a network, or to a node of it.</summary>
    /// <param name="session">The transaction of the change.</param>
    /// <param name="happened">What happened, with real ids; id and time are set here.</param>
    /// <param name="app">The app of the node; null where it is about no node.</param>
    public async Task RaiseAsync(Session session, WebhookEvent happened, string? app = null)
    {
        var owner = await session.FirstAsync($"SELECT owner_app FROM networks WHERE id = {happened.Network} AND kind = {"developer"}", row => row.TextOrNull("owner_app"));
        if (owner is not null) { await RaiseAsync(session, owner, happened with { Anonymised = false, At = time.GetUtcNow() }, time.GetUtcNow()); }
        if (app is null || app.Length == 0 || app == owner || happened.Node is not { } node) { return; }
        var day = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        var blind = new WebhookEvent("", happened.Type, day, pseudonyms.OfNetwork(app, happened.Network), Anonymised: true, pseudonyms.OfInstall(app, happened.Network, node));
        await RaiseAsync(session, app, blind, day.AddDays(1));
    }

    private static async Task RaiseAsync(Session session, string app, WebhookEvent happened, DateTimeOffset due)
    {
        var hooks = await session.QueryAsync(
            $"""
            SELECT w.id, w.events FROM webhooks w JOIN apps a ON a.id = w.app JOIN accounts o ON o.id = a.owner_account
            WHERE w.app = {app} AND w.state = {"active"} AND o.locked IS NULL
            """,
            row => (Id: row.Text("id"), Events: row.Text("events")));
        foreach (var hook in hooks.Where(hook => hook.Events.Split(' ').Contains(happened.Type, StringComparer.Ordinal)))
        {
            var id = Identifiers.New("evt");
            var first = due.ToUnixTimeMilliseconds() * PerMillisecond;
            var last = happened.Anonymised
                ? null
                : await session.NumberAsync($"SELECT MAX(position) FROM webhook_deliveries WHERE webhook = {hook.Id} AND position >= {first} AND position < {first + PerMillisecond}");
            var position = happened.Anonymised ? first + RandomNumberGenerator.GetInt32((int)PerMillisecond) : last + 1 ?? first;
            var body = JsonSerializer.Serialize(happened with { Id = id }, ApiJson.Options);
            await session.ExecuteAsync(
                $"""
                INSERT INTO webhook_deliveries (id, webhook, position, type, body, state, attempts, created, next)
                VALUES ({id}, {hook.Id}, {position}, {happened.Type}, {body}, {"pending"}, {0L}, {due}, {due})
                """);
            session.Notify(Channel, hook.Id);
        }
    }
}
