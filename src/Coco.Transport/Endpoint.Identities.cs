using Coco.Crypto;
using Coco.Transport.Loop;
using Coco.Traversal.Records;
using Coco.Traversal.Relays;

namespace Coco.Transport;

/// <summary>The identities that answer at an endpoint: they may come and go while it serves.</summary>
public sealed partial class Endpoint
{
    private readonly Lock _identityLock = new(); // guards changes of the two below
    private readonly Dictionary<NodeId, LocalIdentity> _leaving = [];
    private volatile LocalIdentity[] _identities = [];

    /// <summary>The first identity: as whom the endpoint calls where nothing else is said. Default while there is none.</summary>
    public NodeId Id => _identities is [var first, ..] ? first.Id : default;

    /// <summary>The identities that answer here, in the order in which they came.</summary>
    public IReadOnlyList<NodeId> Identities => Array.ConvertAll(_identities, static identity => identity.Id);

    /// <summary>What the first identity says, signed, of where it can be found; null until anything is known. Peers get it by themselves; give
    /// it to others as <see cref="ConnectHints.Record"/>.</summary>
    public AddressRecord? Record => _identities is [var first, ..] ? first.Record : null;

    /// <summary>The same of any identity; null for one that is not here, too.</summary>
    public AddressRecord? RecordOf(NodeId identity) => Find(identity)?.Record;

    /// <summary>One more identity answers here, is registered at its relays and can be called as (<see cref="ConnectHints.CallAs"/>). Each has
    /// connections of its own to relays, so that nobody can tell there that two are of one process.</summary>
    /// <param name="identity">The key. It stays the caller's, to be disposed after the endpoint or after its removal.</param>
    /// <param name="options">How it is reached; as the endpoint when null.</param>
    /// <exception cref="ArgumentException">The identity answers here already.</exception>
    /// <exception cref="InvalidOperationException">The identity is being removed.</exception>
    public void AddIdentity(IdentityKey identity, IdentityOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ObjectDisposedException.ThrowIf(_disposal is not null, this);
        var added = new LocalIdentity(identity, options ?? new());
        lock (_identityLock)
        {
            if (Find(added.Id) is not null) { throw new ArgumentException($"{added.Id} answers here already. Call as it, or remove it first.", nameof(identity)); }
            if (_leaving.ContainsKey(added.Id)) { throw new InvalidOperationException($"{added.Id} is being removed. Await RemoveIdentityAsync before it is added again."); }
            _identities = [.. _identities, added];
        }
        _loop.Post(new AddRequest(this, added)); // one for each identity that is here
    }

    /// <summary>Others are an identity's relays from now on. Where it is registered and may stay, it stays; what is taken away is left at once, but for
    /// relays by which connections go. Does nothing for an identity that is not here.</summary>
    public void SetRelays(NodeId identity, IReadOnlyList<RelayInfo> relays)
    {
        ArgumentNullException.ThrowIfNull(relays);
        RelayInfo[] copy = [.. relays];
        _loop.Post(new RelaysRequest(_loop, identity, copy)); // as seldom as somebody says so
    }

    /// <summary>An identity answers here no more, at once: who calls it hears nothing. Its connections are closed, as
    /// <see cref="Connection.CloseAsync"/> does, and its registrations at relays end. Others are not touched. Done when peers and relays were
    /// told. The last one may be removed too. Does nothing for an identity that is not here.</summary>
    /// <param name="identity">Whose key may be disposed afterwards.</param>
    /// <param name="cancellationToken">Ends the wait; the identity is removed nevertheless.</param>
    public Task RemoveIdentityAsync(NodeId identity, CancellationToken cancellationToken = default)
    {
        LocalIdentity? removed;
        lock (_identityLock)
        {
            if (_leaving.TryGetValue(identity, out var leaving)) { return leaving.Gone.Task.WaitAsync(cancellationToken); }
            removed = Find(identity);
            if (removed is null) { return Task.CompletedTask; }
            _identities = Array.FindAll(_identities, other => other != removed);
            _leaving.Add(identity, removed);
        }
        return RemoveAsync(removed).WaitAsync(cancellationToken);
    }

    private async Task RemoveAsync(LocalIdentity identity)
    {
        var silence = new SilenceRequest(this, identity);
        _loop.Post(silence);
        await silence.AllClosed.ConfigureAwait(false);
        var removal = new RemoveRequest(_loop, identity);
        _loop.Post(removal);
        await removal.Done.ConfigureAwait(false);
        lock (_identityLock) { _leaving.Remove(identity.Id); }
        identity.Gone.TrySetResult();
    }

    private LocalIdentity? Find(NodeId id) => Array.Find(_identities, identity => identity.Id == id);

    private NodeId CallerOf(ConnectHints hints)
    {
        if (hints.CallAs is not { } id) { return Id is { IsDefault: false } first ? first : throw new InvalidOperationException("The endpoint has no identity to call as. Add one with AddIdentity."); }
        return Find(id) is not null ? id : throw new ArgumentException($"{id} is none of this endpoint's identities. Add it with AddIdentity, or call as another.", nameof(hints));
    }

    // On the loop, after the core answers to it no more.
    private Task CloseAllOf(LocalIdentity identity) => Task.WhenAll(_connections
        .Where(connection => connection.IsOpen && connection.LocalId == identity.Id).ToArray()
        .Select(static connection => connection.CloseAsync(0, "The identity was removed.")));

    private sealed class AddRequest(Endpoint endpoint, LocalIdentity identity) : ILoopItem
    {
        public void Run(TimeSpan now)
        {
            if (identity.IsLeaving) { return; }
            identity.Node = endpoint._loop.Core.AddIdentity(identity.Key, identity.Options.Relays, now, identity.Options.MaxKeepAlive);
            endpoint._loop.Logger.IdentityAdded(identity.Id);
        }

        public void Refuse()
        {
        }
    }

    private sealed class RelaysRequest(EndpointLoop loop, NodeId identity, RelayInfo[] relays) : ILoopItem
    {
        public void Run(TimeSpan now) => loop.Core.SetRelays(identity, relays, now);

        public void Refuse()
        {
        }
    }

    private sealed class SilenceRequest(Endpoint endpoint, LocalIdentity identity) : ILoopItem
    {
        private readonly TaskCompletionSource<Task> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task AllClosed => _source.Task.Unwrap();

        public void Run(TimeSpan now)
        {
            identity.IsLeaving = true;
            endpoint._loop.Core.SilenceIdentity(identity.Id);
            endpoint._loop.Logger.IdentityRemoved(identity.Id);
            _source.TrySetResult(endpoint.CloseAllOf(identity));
        }

        public void Refuse() => _source.TrySetResult(Task.CompletedTask);
    }

    private sealed class RemoveRequest(EndpointLoop loop, LocalIdentity identity) : ILoopItem
    {
        private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _source.Task;

        public void Run(TimeSpan now)
        {
            if (identity.Node is { } node) { loop.Core.RemoveIdentity(node, now); }
            loop.CompleteAfterFlush(_source);
        }

        public void Refuse() => _source.TrySetResult();
    }
}
