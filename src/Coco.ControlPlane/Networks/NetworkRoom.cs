using System.Globalization;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>How many networks somebody may have: what the best of their plans says, for all of a person's own and of all the person's apps together, as an app costs nothing.</summary>
internal sealed class NetworkRoom(ControlPlaneSettings settings)
{
    /// <summary>Requires room for a network of the caller's, who has it already or gets it.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public async Task RequireAsync(Session session, Caller caller, string network)
    {
        var owner = caller.Kind is CallerKind.App
            ? await session.FirstAsync($"SELECT owner_account FROM apps WHERE id = {caller.AppId}", static row => row.Text("owner_account"))
            : caller.AccountId;
        if (await FullAtAsync(session, owner!, network) is { } most)
        {
            throw new ApiException(ProblemCode.PlanExceeded, $"The plan has room for {most.ToString(CultureInfo.InvariantCulture)} networks, of a person and the person's apps together.");
        }
    }

    /// <summary>Whether a person has room for a network, who has it already or gets it.</summary>
    public async Task<bool> HasAsync(Session session, string account, string network) => await FullAtAsync(session, account, network) is null;

    // How many there may be where there are as many; null where there is room.
    private async Task<int?> FullAtAsync(Session session, string owner, string network)
    {
        var rows = await session.QueryAsync(
            $"""
            SELECT n.id, p.plan FROM networks n LEFT JOIN relay_plans p ON p.network = n.id WHERE n.owner_account = {owner}
            UNION SELECT n.id, p.plan FROM apps a JOIN networks n ON n.owner_app = a.id LEFT JOIN relay_plans p ON p.network = n.id WHERE a.owner_account = {owner}
            """,
            static row => (Id: row.Text("id"), Plan: row.TextOrNull("plan")));
        if (rows.Exists(row => row.Id == network)) { return null; }
        var most = rows.Select(static row => row.Plan).Append(null).Max(plan => settings.Relaying.PlanOf(plan).Networks);
        return rows.Count >= most ? most : null;
    }
}
