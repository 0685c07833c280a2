using System.Buffers.Text;
using System.Security.Cryptography;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Webhooks;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Webhooks;

/// <summary>Operations on webhooks.</summary>
internal static class WebhookOperations
{
    private const int MaxOfApp = 10;

    public static void Map(ApiRoutes routes)
    {
        routes.Map<WebhookView>(Api.Operations.CreateWebhook, 201, CreateAsync);
        routes.Map<Page<WebhookView>>(Api.Operations.ListWebhooks, 200, ListAsync);
        routes.MapEmpty(Api.Operations.DeleteWebhook, 204, DeleteAsync);
        routes.Map<Page<DeliveryView>>(Api.Operations.ListDeliveries, 200, ListDeliveriesAsync);
    }

    private static async Task<IResult> CreateAsync(
        string app, CreateWebhookRequest request, ApiWriter writer, WebhookSender sender, ServerSecret secret, TimeProvider time, HttpContext context)
    {
        if (request.Events.Count == 0 || request.Events.Except(WebhookOutbox.Events, StringComparer.Ordinal).Any()) { throw new ApiException(ProblemCode.Invalid, $"events are of {string.Join(", ", WebhookOutbox.Events)}."); }
        if (await sender.CheckAsync(request.Url, context.RequestAborted) is { } wrong) { throw new ApiException(ProblemCode.Invalid, wrong); }
        return await writer.WriteAsync(async session =>
        {
            if (!await session.AnyAsync($"SELECT 1 FROM apps WHERE id = {app}")) { throw ApiException.NotFound("app"); }
            if (await session.NumberAsync($"SELECT COUNT(*) FROM webhooks WHERE app = {app}") >= MaxOfApp) { throw new ApiException(ProblemCode.PlanExceeded, $"An app has at most {MaxOfApp} webhooks."); }
            var (id, key, now) = (Identifiers.New("hook"), RandomNumberGenerator.GetBytes(32), time.GetUtcNow());
            var events = request.Events.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            await session.ExecuteAsync(
                $"""
                INSERT INTO webhooks (id, app, url, secret, events, state, created, version)
                VALUES ({id}, {app}, {request.Url}, {secret.Seal(WebhookCourier.SealPurpose, key)}, {string.Join(' ', events)}, {"active"}, {now}, {1L})
                """);
            return Answer.Created($"/v1/apps/{app}/webhooks/{id}", new WebhookView(id, request.Url, events, "active", now, 1, Base64Url.EncodeToString(key)), 1);
        });
    }

    private static async Task<Answer> ListAsync(string app, Cursor cursor, Database database, HttpContext context)
    {
        var rows = await database.ReadAsync(
            session => session.QueryAsync(
                $"SELECT * FROM webhooks WHERE app = {app} AND id > {cursor.After} ORDER BY id LIMIT {cursor.Limit + 1L}",
                row => new WebhookView(row.Text("id"), row.Text("url"), row.Text("events").Split(' '), row.Text("state"), row.Time("created"), row.Long("version"))),
            context.RequestAborted);
        return Answer.Ok(cursor.Page(rows, row => row.Id, row => row));
    }

    private static Task<IResult> DeleteAsync(string app, string webhook, ApiWriter writer) => writer.WriteAsync(async session =>
        await session.ExecuteAsync($"DELETE FROM webhooks WHERE app = {app} AND id = {webhook}") > 0 ? Answer.NoContent : throw ApiException.NotFound("webhook"));

    private static async Task<Answer> ListDeliveriesAsync(string app, string webhook, Cursor cursor, Database database, TimeProvider time, HttpContext context)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                if (!await session.AnyAsync($"SELECT 1 FROM webhooks WHERE app = {app} AND id = {webhook}")) { throw ApiException.NotFound("webhook"); }
                // What waits for the end of the day is not shown before.
                return await session.QueryAsync(
                    $"SELECT * FROM webhook_deliveries WHERE webhook = {webhook} AND id > {cursor.After} AND created <= {time.GetUtcNow()} ORDER BY id LIMIT {cursor.Limit + 1L}",
                    row => new DeliveryView(row.Text("id"), row.Text("type"), row.Text("state"), row.Long("attempts"), row.Text("state") == "pending" ? row.Time("next") : null, row.LongOrNull("status")));
            },
            context.RequestAborted);
        return Answer.Ok(cursor.Page(rows, row => row.Id, row => row));
    }
}
