namespace Coco.Extensions.Hosting;

/// <summary>What the node of a host is like, and how it comes to be.</summary>
public sealed class CocoServiceOptions
{
    /// <summary>What the node is like. Its logger factory is the host's where it names none.</summary>
    public NodeOptions Node { get; set; } = new();

    /// <summary>How it comes to be. Default: from its store (<see cref="Coco.Node.StartAsync(NodeOptions, CancellationToken)"/>).</summary>
    public Func<NodeOptions, CancellationToken, Task<Node>> Begin { get; set; } = Coco.Node.StartAsync;

    /// <summary>Joins by a ticket the first time, and starts from the store ever after. Without a store it joins each time, which a ticket allows once.</summary>
    public void JoinOrStart(string ticket)
    {
        ArgumentException.ThrowIfNullOrEmpty(ticket);
        Begin = (options, cancellationToken) => UnlessStoredAsync(options, () => Coco.Node.JoinAsync(ticket, options, cancellationToken), cancellationToken);
    }

    /// <summary>Founds a network the first time, and starts from the store ever after.</summary>
    /// <param name="network">What it is like.</param>
    /// <param name="founded">Called with the new node once: <see cref="Coco.Node.TakeRecoveryKey"/> gives the recovery key then, and never again.</param>
    public void CreateOrStart(NetworkOptions network, Action<Node>? founded = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        Begin = (options, cancellationToken) => UnlessStoredAsync(options, () => FoundAsync(options, cancellationToken), cancellationToken);

        async Task<Node> FoundAsync(NodeOptions options, CancellationToken cancellationToken)
        {
            var node = await Coco.Node.CreateNetworkAsync(network, options, cancellationToken).ConfigureAwait(false);
            founded?.Invoke(node);
            return node;
        }
    }

    // The beginning first: it goes on where an earlier one was cut off, and tells by itself that there is a node in the store.
    private static async Task<Node> UnlessStoredAsync(NodeOptions options, Func<Task<Node>> begin, CancellationToken cancellationToken)
    {
        try
        {
            return await begin().ConfigureAwait(false);
        }
        catch (CocoException exception) when (exception.Code is CocoError.StoreExists)
        {
            return await Coco.Node.StartAsync(options, cancellationToken).ConfigureAwait(false);
        }
    }
}
