using Coco.Cluster.Statements;
using Coco.ControlPlanes;

namespace Coco;

/// <content>Control planes.</content>
public sealed partial class Node
{
    /// <summary>The control planes that the network lists, of which the node uses two as relays where its own do not serve. None of them is needed where
    /// members have any other way to each other.</summary>
    public IReadOnlyList<ControlPlaneInfo> ControlPlanes => _loop.ControlPlanes;

    /// <summary>Says which control planes the members use, in place of those said before. For owner and admins.</summary>
    /// <param name="controlPlanes">At most 16; none to use none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CocoException"><see cref="CocoError.NotPermitted"/>, or <see cref="CocoError.Invalid"/>.</exception>
    /// <exception cref="ArgumentException">One of them cannot be written down in 256 bytes.</exception>
    public Task SetControlPlanesAsync(IReadOnlyList<ControlPlaneInfo> controlPlanes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(controlPlanes);
        ControlPlaneEntry[] entries = [.. controlPlanes.Select(ControlPlaneText.Write)];
        return ActAsync((member, now) => member.SetControlPlanes(entries, now), cancellationToken);
    }

    /// <summary>What can be shown of the network, for the client of control planes.</summary>
    internal Task<NetworkExtract> ExtractAsync(CancellationToken cancellationToken) => _loop.AskAsync(
        static (member, _) => new NetworkExtract(
            member.Keys.User, [.. member.Package], [.. member.EffectiveStatements.ExceptBy(member.Package.Select(static one => one.Id), static one => one.Id)],
            [.. member.Certificates.OrderByDescending(certificate => certificate.Node == member.Self)]),
        cancellationToken);

    /// <summary>The network was brought to a control plane: where it is listed, it is told of what is new at once.</summary>
    internal ValueTask HandleBroughtAsync() => _loop.PostAsync(_loop.HandleBrought);
}
