using Coco.Cluster;
using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Cluster.Mesh;
using Coco.Crypto;
using Coco.Discovery;
using Coco.Hosting;
using Coco.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco;

/// <content>How a node comes to be: with a new network, by a ticket, by an admission, or from its store.</content>
public sealed partial class Node
{
    /// <summary>Founds a network, whose owner is this node's user.</summary>
    /// <param name="network">What it is like.</param>
    /// <param name="options">What the node is like.</param>
    /// <param name="cancellationToken">Ends the start; there is no network then.</param>
    /// <exception cref="CocoException">The store cannot be used, or belongs to a node already; or the addresses cannot be listened on.</exception>
    public static async Task<Node> CreateNetworkAsync(NetworkOptions network, NodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        var start = await NodeStart.BeginAsync(options, StoreMode.OpenOrCreate, cancellationToken).ConfigureAwait(false);
        await using var held = start.ConfigureAwait(false);
        start.RequireUnused();
        using var recovery = network.HasRecoveryKey ? IdentityKey.Generate() : null;
        var terms = new FoundingTerms
        {
            Name = network.Name, NodeName = options.Name, App = options.App ?? default, IsGateway = options.IsGateway, SubCluster = network.SubCluster,
            Tags = [.. network.Tags], Profile = network.Profile, Recovery = recovery?.Id ?? default, Keys = await start.KeysAsync().ConfigureAwait(false),
        };
        var node = await StartAsync(start, (memberOptions, host, now) => NetworkMember.Create(terms, memberOptions, host, now), cancellationToken).ConfigureAwait(false);
        node._recoveryKey = recovery is null ? null : RecoveryKey.Write(recovery);
        return node;
    }

    /// <summary>Joins the network of a ticket. If it fails on the way, joining again with the same store and ticket goes on where it stopped.</summary>
    /// <param name="ticket">The ticket, which is good for one node.</param>
    /// <param name="options">What the node is like.</param>
    /// <param name="cancellationToken">Ends the attempt; the ticket may be used by then.</param>
    /// <exception cref="CocoException">The node was not let in, and why; or as for <see cref="CreateNetworkAsync"/>.</exception>
    public static async Task<Node> JoinAsync(Ticket ticket, NodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        var start = await NodeStart.BeginAsync(options, StoreMode.OpenOrCreate, cancellationToken).ConfigureAwait(false);
        await using var held = start.ConfigureAwait(false);
        start.RequireUnused();
        var keys = await start.KeysAsync().ConfigureAwait(false);
        start.Announce(keys.Node);
        var runner = new JoinRunner(start.Host.Endpoint, keys.Node.Id, options.TimeProvider);
        var (welcome, connection) = await runner.RunAsync(ticket, start.WishFor(ticket.Network, keys), options.JoinTimeout, cancellationToken).ConfigureAwait(false);
        var node = await StartAsync(
            start,
            (memberOptions, host, now) => NetworkMember.FromWelcome(keys, ticket.Network, welcome.Certificate, welcome.Statements, memberOptions, host, now),
            cancellationToken).ConfigureAwait(false);
        await node._loop.PostAsync(() => node._loop.HandleJoined(connection)).ConfigureAwait(false);
        try
        {
            await node.WaitForSponsorAsync(connection.PeerId, cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The same, with the ticket's text.</summary>
    public static Task<Node> JoinAsync(string ticket, NodeOptions options, CancellationToken cancellationToken = default) => Ticket.TryParse(ticket, out var parsed)
        ? JoinAsync(parsed, options, cancellationToken)
        : throw new CocoException(CocoError.InvalidText, "This is no ticket, or not all of it. It begins with coco1; copy it again.");

    /// <summary>Starts a node that has been in a network before, from its store.</summary>
    /// <param name="options">Where the store is, what opens it, and how the node is reached. Name and app are in the store.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="CocoException">There is no such store, or it cannot be used.</exception>
    public static async Task<Node> StartAsync(NodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.StorePath is null || options.StorePolicy is StorePolicy.None) { throw new CocoException(CocoError.Invalid, "An ephemeral node has nothing to start from: create a network, or join one."); }
        var start = await NodeStart.BeginAsync(options, StoreMode.Open, cancellationToken).ConfigureAwait(false);
        await using var held = start.ConfigureAwait(false);
        var rows = start.Store!.Read().ToArray();
        return await StartAsync(
            start,
            (memberOptions, host, now) =>
            {
                try
                {
                    return NetworkMember.Restore(rows, memberOptions, host, now);
                }
                catch (FormatException exception)
                {
                    throw new CocoException(CocoError.StoreDamaged, exception.Message, exception);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes what is needed to join a network without a connection to it.</summary>
    /// <param name="network">Which network, as one of its members told.</param>
    /// <param name="options">What the node is like.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="CocoException">As for <see cref="CreateNetworkAsync"/>.</exception>
    public static Task<NodeExport> ExportAsync(NetworkId network, NodeOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return NodeExport.MakeAsync(network, options, cancellationToken);
    }

    internal static async Task<Node> StartAsync(
        NodeStart start, Func<MemberOptions, MemberHost, TimeSpan, NetworkMember> make, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var options = start.Options;
        var logger = options.LoggerFactory?.CreateLogger("Coco") ?? (ILogger)NullLogger.Instance;
        var time = options.TimeProvider;
        var begin = time.GetTimestamp();
        var unix = (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds());
        var member = make(
            new() { Mesh = MeshOptions.For((Cluster.Graph.NodeClass)options.Class) with { Forwards = options.Forwards }, Time = new() { LapseAfter = options.LapseAfter } },
            new(RandomSource.System, unix, options.TrustsClock, null, logger),
            time.GetElapsedTime(begin));
        var loop = new MemberLoop(member, start.Store, options, start.Host.Endpoint, begin, logger);
        start.Host.Attach(loop);
        start.Announce(member.Keys.Node);
        var lan = options.DiscoverOnLan ? NodeDiscovery.Start(start.Host, member.Self, loop.HandleFound, logger) : null;
        loop.Lan = lan;
        var node = new Node(options, loop, member, start.Store, start.OwnsHost, lan);
        await node.Messages.OpenAsync(start.Store).ConfigureAwait(false);
        await node.Store.OpenAsync(start.Store).ConfigureAwait(false);
        start.Release();
        loop.Start();
        await loop.PostAsync(loop.HandleStarted).ConfigureAwait(false);
        await loop.AskAsync(static (_, _) => true, CancellationToken.None).ConfigureAwait(false); // what it was made with is stored
        logger.NodeStarted(node.Id, node.NetworkName);
        return node;
    }

    // By then its peers' certificates are here, and the newcomer can connect by name.
    private async Task WaitForSponsorAsync(NodeId sponsor, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_options.ConnectTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await WaitForAsync(node => node.IsRemoved || node.Peers.Any(peer => peer.Id == sponsor && peer.IsReachable), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A member it is; the mesh goes on calling.
        }
    }
}
