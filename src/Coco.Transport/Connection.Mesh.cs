using Coco.Transport.Loop;
using Coco.Traversal.Finding;
using Coco.Traversal.Hops;

namespace Coco.Transport;

/// <summary>The connection as a link of the mesh.</summary>
public sealed partial class Connection
{
    private volatile bool _isNeighbour;

    /// <summary>Whether the peer is a trusted neighbour in the mesh. Set it once the peer has shown that it belongs to the network: sessions of
    /// others, and of our own, may go over this connection then (<see cref="TransportOptions.HopRouter"/>). Set it back, and those that do end
    /// at once. Default false.</summary>
    public bool IsNeighbour
    {
        get => _isNeighbour;
        set
        {
            _isNeighbour = value;
            _loop.Post(new NeighbourChange(this));
        }
    }

    /// <summary>The longest silence in which the connection is left, in place of its identity's (<see cref="IdentityOptions.MaxKeepAlive"/>); paths
    /// that need it are used more often. So long may it take, and two minutes more, to notice that a peer has gone to which nothing is sent. From
    /// 10 s to 5 minutes; null, the default, for the identity's.</summary>
    public TimeSpan? MaxKeepAlive
    {
        get;
        set
        {
            if (value is { } silence) { IdentityOptions.CheckKeepAlive(silence, KeepAliveLearner.WithoutMapping); }
            if (field == value) { return; }
            field = value;
            _loop.Post(new KeepAliveChange(this, value));
        }
    }

    /// <summary>Asks the peer for a sign of life, unless something is under way that asks already.</summary>
    internal void CheckAlive() => _loop.Post(new AliveCheck(this));

    private sealed class AliveCheck(Connection connection) : ILoopItem
    {
        public void Run(TimeSpan now)
        {
            if (connection.IsOpen) { ((IHopLink)connection._core).CheckAlive(); }
        }

        public void Refuse()
        {
        }
    }

    private sealed class KeepAliveChange(Connection connection, TimeSpan? silence) : ILoopItem
    {
        public void Run(TimeSpan now) => connection._core.SetMaxKeepAlive(silence);

        public void Refuse()
        {
        }
    }

    private sealed class NeighbourChange(Connection connection) : ILoopItem
    {
        public void Run(TimeSpan now) => connection._core.SetNeighbour(connection._isNeighbour);

        public void Refuse()
        {
        }
    }
}
