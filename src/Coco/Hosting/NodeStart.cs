using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Members;
using Coco.Crypto;
using Coco.Storage;
using Coco.Storing;
using Coco.Transport;

namespace Coco.Hosting;

/// <summary>What a node needs before it is one: a host and a store. Given back, unless a node has taken them.</summary>
internal sealed class NodeStart : IAsyncDisposable
{
    // Chosen: routes of many go over such a node, so a link that died silently is to be noticed in half a minute, not in one and a half.
    private static readonly TimeSpan BackboneKeepAlive = TimeSpan.FromSeconds(25);

    private NodeId _announced;
    private bool _isReleased;

    private NodeStart(NodeOptions options, CocoHost host, bool ownsHost, MemberStore? store) =>
        (Options, Host, OwnsHost, Store) = (options with { Host = host }, host, ownsHost, store);

    public NodeOptions Options { get; }

    public CocoHost Host { get; }

    public bool OwnsHost { get; }

    public MemberStore? Store { get; }

    public static async Task<NodeStart> BeginAsync(NodeOptions options, StoreMode mode, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var store = await MemberStore.OpenAsync(options, mode, cancellationToken).ConfigureAwait(false);
        try
        {
            var host = options.Host ?? await CocoHost.StartAsync(
                new() { ListenAddresses = options.ListenAddresses, Relays = options.Relays, LoggerFactory = options.LoggerFactory }, cancellationToken).ConfigureAwait(false);
            return new(options, host, options.Host is null, store);
        }
        catch
        {
            if (store is not null) { await store.DisposeAsync().ConfigureAwait(false); }
            throw;
        }
    }

    /// <summary>Refuses a store that belongs to a node of a network already.</summary>
    public void RequireUnused()
    {
        if (Store is { IsMember: true })
        {
            throw new CocoException(CocoError.StoreExists, $"The store {Options.StorePath} belongs to a node that is in a network already. Start that node, or choose another path.");
        }
    }

    /// <summary>The keys of a node to be, which are kept before anybody hears of them: who was let in must be able to come again.</summary>
    public async Task<MemberKeys> KeysAsync()
    {
        var user = Options.User is { } given ? Copy(given) : null;
        if (Store is null) { return new(IdentityKey.Generate(), user ?? IdentityKey.Generate()); }
        return await Store.KeysAsync(user).ConfigureAwait(false);
    }

    /// <summary>Lets the identity call, and be called.</summary>
    public void Announce(IdentityKey key)
    {
        if (_announced == key.Id) { return; }
        var identity = new IdentityOptions { Relays = Options.Relays.Count > 0 ? Options.Relays : null };
        Host.Endpoint.AddIdentity(key, Options.Class is NodeClass.Backbone ? identity with { MaxKeepAlive = BackboneKeepAlive } : identity);
        _announced = key.Id;
    }

    public JoinWish WishFor(NetworkId network, MemberKeys keys) => new(
        keys.UserId, NodeCertificate.Consent(keys.User, network, keys.Node.Id), Options.Name, Options.App ?? default, Options.App is null, Options.IsGateway);

    /// <summary>A node has host, store and identity now.</summary>
    public void Release() => _isReleased = true;

    public async ValueTask DisposeAsync()
    {
        if (_isReleased) { return; }
        if (!_announced.IsDefault) { await Host.DetachAsync(_announced).ConfigureAwait(false); }
        if (OwnsHost) { await Host.DisposeAsync().ConfigureAwait(false); }
        if (Store is not null) { await Store.DisposeAsync().ConfigureAwait(false); }
    }

    private static IdentityKey Copy(IdentityKey key)
    {
        Span<byte> seed = stackalloc byte[IdentityKey.SeedSize];
        key.CopySeedTo(seed);
        var copy = IdentityKey.FromSeed(seed);
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(seed);
        return copy;
    }
}
