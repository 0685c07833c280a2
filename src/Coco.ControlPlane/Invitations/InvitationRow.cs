using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Invitations;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Invitations;

/// <summary>An invitation, as the table has it.</summary>
internal sealed record InvitationRow(string Id, string Network, string Role, string? SubCluster, string State, DateTimeOffset Created, DateTimeOffset Expires, long Version)
{
    public static InvitationRow Read(Row row) => new(
        row.Text("id"), row.Text("network"), row.Text("role"), row.TextOrNull("sub_cluster"), row.Text("state"), row.Time("created"), row.Time("expires"), row.Long("version"));

    /// <summary>The longest that one is good for, and a minute for what a request takes.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1);

    public string StateAt(DateTimeOffset now) => State == "open" && Lifespan.IsOver(Expires, Longest, now) ? "expired" : State;

    public InvitationView View(string url, DateTimeOffset now) => new(Id, url, StateAt(now), Role, Created, Expires, Version, SubCluster);
}
