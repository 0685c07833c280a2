using System.Collections.Concurrent;
using System.Text.Json;
using Coco.Cli.Api;
using Coco.Cluster.Membership;
using Coco.Messages;
using Coco.Storage;
using Microsoft.Extensions.Logging;

namespace Coco.Cli.Daemon;

/// <summary>A node that the daemon holds, with what is kept of it; it may have failed to start.</summary>
internal sealed class HeldNode(string folder, NodeSettings settings, StoreKey storeKey, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("Coco.Daemon");
    private readonly Lock _lock = new(); // guards the task
    private Node? _node;
    private Task _watching = Task.CompletedTask;
    private HeldTunnels? _tunnels;
    private HeldMqtt? _mqtt;

    public string Folder { get; } = folder;

    public HeldTunnels Tunnels => _tunnels ??= new(this);

    public HeldMqtt Mqtt => LazyInitializer.EnsureInitialized(ref _mqtt, () => new(this, storeKey, loggers));

    public string StorePath => Path.Combine(Folder, "node.db");

    public NodeSettings Settings { get; private set; } = settings;

    /// <summary>Why the node does not run; null where it does.</summary>
    public string? Failure { get; set; }

    /// <summary>When somebody else was last seen with this node's key; null where nobody was.</summary>
    public DateTimeOffset? CopySeenAt { get; private set; }

    /// <summary>Messages that somebody was given, by sender and name, who has not said yet that they are done with.</summary>
    public ConcurrentDictionary<(string From, string Id), ReceivedMessage> HandedOut { get; } = [];

    public string NetworkName => _node?.NetworkName ?? Settings.Network;

    public string NetworkId => _node?.Network.ToString() ?? "";

    public Node? Running
    {
        get => _node;
        set
        {
            _node = value;
            Failure = null;
            if (value is null) { return; }
            lock (_lock) { _watching = WatchAsync(value); }
        }
    }

    /// <summary>The node.</summary>
    /// <exception cref="ApiException">It does not run, or was removed.</exception>
    public Node Node => _node switch
    {
        null => throw ApiException.Of(CocoError.StoreFailed, $"The node of network {NetworkName} does not run: {Failure}"),
        { IsRemoved: true } => throw ApiException.Of(
            CocoError.Removed,
            $"This node was removed from network {NetworkName}. Forget it with `coco net leave {NetworkName} --yes`, then join again with a new ticket, if you may."),
        _ => _node,
    };

    public bool Answers(string name) =>
        string.Equals(name, NetworkName, StringComparison.Ordinal) || name.Length >= 8 && NetworkId.StartsWith(name, StringComparison.Ordinal);

    /// <summary>Keeps other settings, from now on and for the next start.</summary>
    public void Keep(NodeSettings settings)
    {
        SafeFile.Write(Path.Combine(Folder, NodeSettings.FileName), JsonSerializer.SerializeToUtf8Bytes(settings, ApiJson.Default.NodeSettings));
        Settings = settings;
    }

    public async ValueTask DisposeAsync()
    {
        if (_mqtt is not null) { await _mqtt.DisposeAsync(); } // while it can still tell other nodes
        if (_node is not null) { await _node.DisposeAsync(); }
        await _watching;
        _tunnels?.Dispose();
    }

    public NetworkView View()
    {
        var peers = _node?.Peers ?? [];
        return new()
        {
            Name = NetworkName, Id = NetworkId, Node = _node?.Id.ToString() ?? "", NodeName = _node?.Name ?? "", User = _node?.User.ToString() ?? "",
            Role = Words.NameOf(_node?.Role ?? Role.None), App = Settings.App,
            State = _node switch { null => "failed", { IsRemoved: true } => "removed", _ => "running" },
            Problem = Problem(),
            Members = peers.Count + (_node is null ? 0 : 1), Reachable = peers.Count(static peer => peer.IsReachable),
            Mqtt = Mqtt.View(),
        };
    }

    private string? Problem()
    {
        if (Failure is not null) { return Failure; }
        if (_node is { IsRemoved: true }) { return $"this node was removed; `coco net leave {NetworkName} --yes` forgets it"; }
        if (CopySeenAt is not { } seen) { return null; }
        return Settings.RestoredAt is { } restored
            ? $"two copies of this node run: it was restored here from a backup at {restored:u}, and the original was seen running at {seen:u}; end one of them, `coco net leave {NetworkName} --yes` ends this one"
            : $"two copies of this node run: another was seen at {seen:u}, from a backup that was restored elsewhere or a copied folder; end one of them";
    }

    private async Task WatchAsync(Node node)
    {
        await foreach (var happened in node.WatchAsync())
        {
            if (happened.Kind is not NodeEventKind.CopySeen) { continue; }
            if (CopySeenAt is null) { _logger.CopySeen(NetworkName, node.Id.ToString()); }
            CopySeenAt = DateTimeOffset.UtcNow;
        }
    }
}
