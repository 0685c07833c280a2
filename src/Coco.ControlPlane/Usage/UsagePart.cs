using System.Globalization;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Client.Contracts.Usage;
using Coco.ControlPlane.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Usage;

/// <summary>What networks use, by months, and their plans.</summary>
internal static class UsagePart
{
    private const int MaxWarnings = 20;

    public static void Map(ApiRoutes routes)
    {
        routes.Map<UsageView>(Api.Operations.GetUsage, 200, GetAsync);
        routes.Map<Page<NodeUsageView>>(Api.Operations.ListNodeUsage, 200, ListAsync);
        routes.Map<UsageView>(Api.Operations.SetPlan, 200, SetAsync);
    }

    private static async Task<Answer> GetAsync(string network, string? month, Database database, UsageStore usage, ControlPlaneSettings settings, HttpContext context) =>
        Answer.Ok(await database.ReadAsync(session => ViewAsync(session, network, MonthOf(month, usage), usage, settings), context.RequestAborted));

    private static async Task<Answer> ListAsync(string network, string? month, Cursor cursor, Database database, UsageStore usage, HttpContext context)
    {
        var of = MonthOf(month, usage);
        // The row of those without a name is the first; a cursor names one that has.
        var rows = await database.ReadAsync(session => UsageStore.NodesAsync(session, network, of, cursor.After.Length == 0 ? null : cursor.After, cursor.Limit + 1), context.RequestAborted);
        return Answer.Ok(cursor.Page(rows, row => row.Node, row => new NodeUsageView(row.Node, row.Relayed, row.Control)));
    }

    private static Task<IResult> SetAsync(string network, PlanRequest request, ApiWriter writer, UsageStore usage, ControlPlaneSettings settings) => writer.WriteAsync(async session =>
    {
        if (!await session.AnyAsync($"SELECT 1 FROM networks WHERE id = {network}")) { throw ApiException.NotFound("network"); }
        var relaying = settings.Relaying;
        if (request.Plan != relaying.DefaultPlan && !relaying.Plans.ContainsKey(request.Plan)) { throw new ApiException(ProblemCode.Invalid, "There is no plan of that name in the settings."); }
        await RelayNodes.SetPlanAsync(session, network, request.Plan == relaying.DefaultPlan ? null : request.Plan, usage.Month);
        return Answer.Ok(await ViewAsync(session, network, usage.Month, usage, settings));
    });

    private static async Task<UsageView> ViewAsync(Session session, string network, string month, UsageStore usage, ControlPlaneSettings settings)
    {
        var used = await usage.ReadAsync(session, network, month);
        var (name, plan) = await PlanOfAsync(session, network, settings);
        var warnings = await UsageStore.EventsAsync(session, network, MaxWarnings);
        return new(
            month, name, used.Relayed, used.Control, used.Allowance, await NetworkNodes.CountAsync(session, network), plan.Nodes,
            [.. warnings.Where(one => one.Month == month).Select(one => new UsageWarningView(one.Percent, one.Used, one.Allowance, one.At))]);
    }

    /// <summary>A network's plan, with the name under which the settings have it.</summary>
    public static async Task<(string Name, PlanSettings Plan)> PlanOfAsync(Session session, string network, ControlPlaneSettings settings)
    {
        var name = await session.FirstAsync($"SELECT plan FROM relay_plans WHERE network = {network}", row => row.Text("plan"));
        return (name is not null && settings.Relaying.Plans.ContainsKey(name) ? name : settings.Relaying.DefaultPlan, settings.Relaying.PlanOf(name));
    }

    private static string MonthOf(string? month, UsageStore usage)
    {
        if (month is null) { return usage.Month; }
        return DateOnly.TryParseExact(month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? month : throw new ApiException(ProblemCode.Invalid, "month is one such as 2026-11.");
    }
}
