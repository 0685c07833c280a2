using System.Buffers.Text;
using Coco.Cluster;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlanes;

namespace Coco.ControlPlane.Client;

/// <content>
/// Bringing a network that nodes founded among themselves. Only what its members signed is sent, and a proof that the caller holds the user's key: the key
/// stays at the node. What a control plane says that it has already is believed: one that lies about it only serves less.
/// </content>
public sealed partial class ControlPlaneClient
{
    private const int MaxBatch = 64; // statements that a control plane takes in one request
    private const int MaxPackage = 50; // and shows on one page, so that whoever reads the list begins as it does
    private const int MaxPages = 10_000;

    /// <summary>Brings a node's network to the control plane, and what is new in it: statements, and nodes that joined. Once it is there and the network lists it, nodes of
    /// the owner and of admins tell it what is new by themselves. The control plane's relay
    /// serves those nodes as members, and the token's caller has the role of the node's user. For nodes of the owner, and of admins once it is there.</summary>
    /// <param name="node">The node, which has to know the other members.</param>
    /// <param name="cancellationToken">Ends the attempt; what was sent stays there.</param>
    /// <returns>What the control plane lacked; nothing where it was in step.</returns>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.Forbidden"/> where the node's user may not, <see cref="ControlPlaneError.PlanExceeded"/>
    /// where the plan has no room: what came before that stays.</exception>
    public async Task<NetworkRegistration> RegisterAsync(Node node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        var network = node.Network;
        var extract = await node.ExtractAsync(cancellationToken).ConfigureAwait(false);
        var (known, isNew) = (await FindStatementsAsync(network, cancellationToken).ConfigureAwait(false), false);
        if (known is null && await TryLinkAsync(extract, network, cancellationToken).ConfigureAwait(false))
        {
            known = await FindStatementsAsync(network, cancellationToken).ConfigureAwait(false);
        }
        if (known is null)
        {
            known = await BringAsync(extract, network, cancellationToken).ConfigureAwait(false);
            isNew = true;
        }
        // A control plane that had the network before the snapshot has what that stands for, and takes its parts as any statement.
        var missing = extract.Package.Concat(extract.Statements).Where(statement => !known.Contains(TextOf(statement.Encoded))).ToArray();
        foreach (var batch in missing.Chunk(MaxBatch))
        {
            await AddStatementsAsync(network, new([.. batch.Select(static statement => TextOf(statement.Encoded))]), cancellationToken).ConfigureAwait(false);
        }
        var sent = missing.Length + (isNew ? known.Count : 0);
        var nodes = await AddNodesAsync(extract, network, cancellationToken).ConfigureAwait(false);
        await node.HandleBroughtAsync().ConfigureAwait(false);
        return new(network, isNew, sent, nodes);
    }

    private async Task<bool> TryLinkAsync(NetworkExtract extract, NetworkId network, CancellationToken cancellationToken)
    {
        try
        {
            await LinkUserAsync(network, extract.User, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ControlPlaneException exception) when (exception.Code is ControlPlaneError.NotFound)
        {
            return false; // it is not there, or the user has no role in it
        }
    }

    private async Task<HashSet<string>> BringAsync(NetworkExtract extract, NetworkId network, CancellationToken cancellationToken)
    {
        if (extract.Package.Length > MaxPackage)
        {
            throw new ControlPlaneException(
                ControlPlaneError.TooLarge, $"The snapshot of network {network} has {extract.Package.Length} parts, and a control plane takes {MaxPackage} to begin with. Revoke what is not needed, and compact it again.");
        }
        string[] first = [.. extract.Package.Concat(extract.Statements).Take(MaxPackage).Select(static statement => TextOf(statement.Encoded))];
        var proof = KeyProofs.Sign(extract.User, network, Origin, await CreateChallengeAsync(cancellationToken).ConfigureAwait(false));
        await CreateNetworkAsync(new(first, proof), cancellationToken).ConfigureAwait(false);
        return [.. first];
    }

    // Null where there is no such network for the caller.
    private async Task<HashSet<string>?> FindStatementsAsync(NetworkId network, CancellationToken cancellationToken)
    {
        try
        {
            return [.. (await AllAsync(cursor => ListStatementsAsync(network, cursor, cancellationToken)).ConfigureAwait(false)).Select(static item => item.Statement)];
        }
        catch (ControlPlaneException exception) when (exception.Code is ControlPlaneError.NotFound)
        {
            return null;
        }
    }

    private async Task<int> AddNodesAsync(NetworkExtract extract, NetworkId network, CancellationToken cancellationToken)
    {
        var there = (await AllAsync(cursor => ListNodesAsync(network, null, cursor, cancellationToken)).ConfigureAwait(false)).ToDictionary(static node => node.Id, static node => node);
        var added = 0;
        foreach (var certificate in extract.Certificates)
        {
            var text = TextOf(certificate.Encoded);
            var known = there.GetValueOrDefault(certificate.Node.ToString());
            if (known?.Certificate == text) { continue; }
            try
            {
                await CreateNodeAsync(network, new(text, known?.ExternalUserId), cancellationToken).ConfigureAwait(false);
                added++;
            }
            catch (ControlPlaneException exception) when (known is not null && exception.Code is ControlPlaneError.Conflict)
            {
                // It has a later certificate than we have.
            }
        }
        return added;
    }

    private async Task<List<T>> AllAsync<T>(Func<string?, Task<Page<T>>> listAsync)
    {
        var all = new List<T>();
        string? cursor = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await listAsync(cursor).ConfigureAwait(false);
            all.AddRange(page.Items);
            if (page.Next is null) { return all; }
            if (page.Items.Count == 0) { break; }
            cursor = page.Next;
        }
        throw new ControlPlaneException(ControlPlaneError.BadAnswer, $"{Origin} lists without end.");
    }

    private static string TextOf(ReadOnlyMemory<byte> bytes) => Base64Url.EncodeToString(bytes.Span);
}
