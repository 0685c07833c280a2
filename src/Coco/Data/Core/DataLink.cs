using Coco.Crypto;

namespace Coco.Data.Core;

/// <summary>What goes between this node and one other.</summary>
internal sealed class DataLink(NodeId peer)
{
    private readonly Queue<byte[]> _output = new();
    private readonly Dictionary<ulong, Digest[]> _unacknowledged = [];
    private ulong _nextNumber;

    public NodeId Peer { get; } = peer;

    /// <summary>Collections that both have, or that the peer was told of.</summary>
    public Dictionary<Digest, LinkedTable> Tables { get; } = [];

    /// <summary>Bytes that wait to be sent.</summary>
    public long OutputBytes { get; private set; }

    /// <summary>The host's.</summary>
    public object? Host { get; set; }

    public void Send(byte[] frame)
    {
        _output.Enqueue(frame);
        OutputBytes += frame.Length;
    }

    public bool TryTake(out byte[] frame)
    {
        if (!_output.TryDequeue(out frame!)) { return false; }
        OutputBytes -= frame.Length;
        return true;
    }

    /// <summary>A number for entries whose arrival somebody waits for. Chosen: whoever acknowledges nothing costs no more than this.</summary>
    public ulong Number(Digest[] contents)
    {
        if (_unacknowledged.Count >= 1024) { return 0; }
        _unacknowledged.Add(++_nextNumber, contents);
        return _nextNumber;
    }

    public Digest[] TakeNumber(ulong number) => _unacknowledged.Remove(number, out var contents) ? contents : [];
}
