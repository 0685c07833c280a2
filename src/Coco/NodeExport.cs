using Coco.Cluster;
using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Hosting;
using Coco.Storage;

namespace Coco;

/// <summary>
/// A node that wants to join without a connection: its information goes to a member on any medium, and what <see cref="Node.AdmitAsync"/>
/// makes of it comes back. With a store the process may end in between: exporting again gives the same node.
/// </summary>
public sealed class NodeExport : IAsyncDisposable
{
    private readonly NodeStart _start;
    private readonly MemberKeys _keys;

    private NodeExport(NodeStart start, MemberKeys keys, NetworkId network, string text) => (_start, _keys, Network, Text) = (start, keys, network, text);

    /// <summary>The network it wants to join.</summary>
    public NetworkId Network { get; }

    /// <summary>The identity of the node to be.</summary>
    public NodeId Id => _keys.Node.Id;

    /// <summary>The information, signed by the node. It holds no secret.</summary>
    public string Text { get; }

    /// <summary>Joins with what came back.</summary>
    /// <exception cref="CocoException"><see cref="CocoError.InvalidText"/> or <see cref="CocoError.WrongNetwork"/>, mostly.</exception>
    public async Task<Node> ImportAsync(string admission, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admission);
        if (!AdmissionInformation.TryImport(admission, Id, out var read))
        {
            throw new CocoException(CocoError.InvalidText, "This is no admission for this node, or not all of it. It begins with cocomember1; copy it again.");
        }
        if (read.Network != Network) { throw WrongNetwork(null); }
        return await Node.StartAsync(
            _start,
            (options, host, now) =>
            {
                try
                {
                    return NetworkMember.FromAdmission(_keys, read, options, host, now);
                }
                catch (FormatException exception)
                {
                    throw WrongNetwork(exception);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives up what is needed for joining, unless a node has it. Twice is safe.</summary>
    public ValueTask DisposeAsync() => _start.DisposeAsync();

    internal static async Task<NodeExport> MakeAsync(NetworkId network, NodeOptions options, CancellationToken cancellationToken)
    {
        var start = await NodeStart.BeginAsync(options, StoreMode.OpenOrCreate, cancellationToken).ConfigureAwait(false);
        try
        {
            start.RequireUnused();
            var keys = await start.KeysAsync().ConfigureAwait(false);
            start.Announce(keys.Node);
            return new(start, keys, network, NodeInformation.Export(keys.Node, network, start.WishFor(network, keys), start.Host.Endpoint.RecordOf(keys.Node.Id)));
        }
        catch
        {
            await start.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private CocoException WrongNetwork(Exception? cause) =>
        new(CocoError.WrongNetwork, $"This admission does not make the node a member of network {Network}. Ask a member of that network for another.", cause);
}
