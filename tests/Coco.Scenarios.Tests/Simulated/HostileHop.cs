using Coco.Lab.Simulated;
using Coco.Quic.Congestion;
using Coco.Traversal;
using Coco.Traversal.Links;
using Coco.Traversal.Relays;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>A node that answers all messages as it should, and does harm to what it is to pass on.</summary>
internal sealed class HostileHop(ISimulatedProgram honest, int seed) : ISimulatedProgram
{
    private const int Header = 1 + sizeof(ulong);

    private readonly Random _random = new(seed);
    private readonly Dictionary<int, byte[]> _held = []; // one datagram of each length
    private readonly Dictionary<int, byte[]> _lastOfOther = [];

    /// <summary>What it does to datagrams it is to pass on.</summary>
    public HopHarm Harm { get; set; }

    /// <summary>How much harm it has done.</summary>
    public int Done { get; private set; }

    public TimeSpan? Deadline => honest.Deadline;

    public void HandleDatagrams(in Link link, Span<byte> data, int segmentSize, EcnCodepoint ecn, TimeSpan now)
    {
        for (var at = 0; at < data.Length; at += segmentSize)
        {
            var datagram = data.Slice(at, Math.Min(segmentSize, data.Length - at));
            if (RelayDatagram.TryReadHeader(datagram, out _)) { Spoil(datagram); }
        }
        honest.HandleDatagrams(link, data, segmentSize, ecn, now);
    }

    public void HandleNetwork(NetworkSnapshot snapshot, TimeSpan now) => honest.HandleNetwork(snapshot, now);

    public void HandleTimeout(TimeSpan now) => honest.HandleTimeout(now);

    public bool TryTakeTransmit(Span<byte> buffer, TimeSpan now, out LinkTransmit transmit) => honest.TryTakeTransmit(buffer, now, out transmit);

    public bool TryTakeCommand(out HostCommand? command) => honest.TryTakeCommand(out command);

    public bool TryTakeForward(out LinkTransmit transmit, out int offset) => honest.TryTakeForward(out transmit, out offset);

    public void HandleLinkOpened(int request, in Link link, TimeSpan now) => honest.HandleLinkOpened(request, link, now);

    public void HandleLinkAccepted(in Link link, TimeSpan now) => honest.HandleLinkAccepted(link, now);

    public void HandleLinkFailed(int request, LinkFailure failure, TimeSpan now) => honest.HandleLinkFailed(request, failure, now);

    public void HandleLinkClosed(in Link link, TimeSpan now) => honest.HandleLinkClosed(link, now);

    public void HandleSocketsOpened(int request, ReadOnlySpan<LocalSocket> sockets, TimeSpan now) => honest.HandleSocketsOpened(request, sockets, now);

    public void HandlePortMappings(IReadOnlyList<NetworkAddress> external, TimeSpan now) => honest.HandlePortMappings(external, now);

    private void Spoil(Span<byte> datagram)
    {
        switch (Harm)
        {
            case HopHarm.DropAll: Drop(datagram); break;
            case HopHarm.DropSome when _random.NextDouble() < 0.3: Drop(datagram); break;
            case HopHarm.Reorder when _random.NextDouble() < 0.5: Exchange(datagram, 0); break;
            case HopHarm.Duplicate: Repeat(datagram); break;
            case HopHarm.SwapPayloads: Swap(datagram); break;
        }
    }

    // A first byte that nobody sends.
    private void Drop(Span<byte> datagram)
    {
        datagram[0] = 0x3F;
        Done++;
    }

    // One that was held back goes now, and this one later.
    private void Exchange(Span<byte> datagram, int from)
    {
        var held = _held.GetValueOrDefault(datagram.Length);
        _held[datagram.Length] = datagram.ToArray();
        if (held is null) { return; }
        held.AsSpan(from).CopyTo(datagram[from..]);
        Done++;
    }

    // Every other one comes twice, in place of the next.
    private void Repeat(Span<byte> datagram)
    {
        if (_random.NextDouble() < 0.8 || !_held.Remove(datagram.Length, out var before)) { _held[datagram.Length] = datagram.ToArray(); }
        else
        {
            before.CopyTo(datagram);
            Done++;
        }
    }

    // The bytes of one session under the number of another.
    private void Swap(Span<byte> datagram)
    {
        if (_random.NextDouble() >= 0.2)
        {
            _lastOfOther[datagram.Length] = datagram.ToArray();
            return;
        }
        if (!_lastOfOther.TryGetValue(datagram.Length, out var other) || other.AsSpan(0, Header).SequenceEqual(datagram[..Header])) { return; }
        other.AsSpan(Header).CopyTo(datagram[Header..]);
        Done++;
    }
}
