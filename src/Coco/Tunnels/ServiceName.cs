using Coco.Cluster;
using Coco.Crypto;
using Coco.Hosting;

namespace Coco.Tunnels;

/// <summary>
/// Names of services for programs that know only host names: <c>service.node.network.coco</c>. Case does not matter, and what a host name cannot
/// have in the name of a node or network is a hyphen in it. In place of a name its identity may stand.
/// </summary>
internal static class ServiceName
{
    private const string Domain = ".coco";

    /// <summary>Whose service is meant, and which.</summary>
    /// <exception cref="CocoException">None that this node knows.</exception>
    public static (NodeId Node, string Service) Resolve(string host, NodeView view, NetworkId network)
    {
        var name = host.TrimEnd('.').ToLowerInvariant();
        if (!name.EndsWith(Domain, StringComparison.Ordinal))
        {
            throw new CocoException(CocoError.Invalid, $"{host} is no name of a service here: those are service.node.{LabelOf(view.Network)}{Domain}. Other names this proxy does not reach.");
        }
        var rest = Without(name[..^Domain.Length], LabelOf(view.Network)) ?? Without(name[..^Domain.Length], network.ToString())
            ?? throw new CocoException(CocoError.NotFound, $"{host} is not in the network of this node, whose names end with {LabelOf(view.Network)}{Domain}.");
        // A service may have dots, as may a node: the longest name of a node is meant.
        var found = view.Members
            .SelectMany(static member => (string[])[LabelOf(member.Name), member.Id.ToString()], static (member, label) => (member.Id, Label: label))
            .Select(one => (one.Id, one.Label.Length, Service: Without(rest, one.Label)))
            .Where(static one => one.Service is not null && Labels.IsValid(one.Service))
            .OrderByDescending(static one => one.Length)
            .ToArray();
        if (found.Length == 0) { throw new CocoException(CocoError.NotFound, $"{host} names no member that is known here: {nameof(Node)}.{nameof(Node.Peers)} has those that are."); }
        if (found.Length > 1 && found[1].Length == found[0].Length && found[1].Id != found[0].Id)
        {
            throw new CocoException(CocoError.Invalid, $"{host} could be several members, whose names differ in what host names cannot have. Put the identity of the one you mean in place of its name.");
        }
        return (found[0].Id, found[0].Service!);
    }

    /// <summary>A name as it stands in a host name.</summary>
    public static string LabelOf(string name) =>
        string.Create(name.Length, name, static (label, name) =>
        {
            for (var i = 0; i < label.Length; i++) { label[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '.' or '_' ? char.ToLowerInvariant(name[i]) : '-'; }
        });

    private static string? Without(string name, string end) =>
        end.Length > 0 && name.Length > end.Length + 1 && name.EndsWith(end, StringComparison.Ordinal) && name[^(end.Length + 1)] == '.' ? name[..^(end.Length + 1)] : null;
}
