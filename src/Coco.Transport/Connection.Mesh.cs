using Coco.Transport.Loop;

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

    private sealed class NeighbourChange(Connection connection) : ILoopItem
    {
        public void Run(TimeSpan now) => connection._core.SetNeighbour(connection._isNeighbour);

        public void Refuse()
        {
        }
    }
}
