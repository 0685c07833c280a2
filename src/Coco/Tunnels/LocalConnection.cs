using System.Net.Sockets;
using Coco.Crypto;

namespace Coco.Tunnels;

/// <summary>A program's connection to a local end, from when it was taken until it is over.</summary>
internal sealed class LocalConnection(Socket socket) : ITunnelPart
{
    private readonly Lock _lock = new(); // guards the two below
    private Splice? _splice;
    private bool _isAborted;

    public Socket Socket => socket;

    public NodeId Peer => _splice?.Peer ?? default;

    /// <summary>What it became a part of. Its end is that of both: a program that has ended its half has nothing left to wake a copy with.</summary>
    public void Join(Splice splice)
    {
        lock (_lock)
        {
            _splice = splice;
            if (!_isAborted) { return; }
        }
        splice.Abort();
    }

    public void Abort()
    {
        Splice? splice;
        lock (_lock) { (_isAborted, splice) = (true, _splice); }
        if (splice is not null) { splice.Abort(); }
        else { Splice.Reset(socket); }
    }
}
