namespace Coco.Lab.Simulated;

/// <summary>One direction of a cable: delay, loss, rate, order.</summary>
internal sealed class CableDirection(SimulatedInternet internet, CableOptions options, Action<SimulatedPacket> arrive)
{
    private TimeSpan _freeAt;
    private TimeSpan _lastArrival;
    private bool _isInLossRun;

    /// <summary>May be changed at any time.</summary>
    public CableOptions Options { get; set; } = options;

    public bool IsUnplugged { get; set; }

    public long Packets { get; private set; }

    public long Bytes { get; private set; }

    public void Send(SimulatedPacket packet)
    {
        var now = internet.Now;
        if (IsUnplugged || Options.IsBlocked || LooksForbidden(packet)) { internet.Trace.Record(now, TraceVerb.Blocked, packet); return; }
        // TCP's segments are cut to the path (RFC 9293 §3.7.1), with the help of routers that clamp the MSS.
        if (packet.Size > Options.Mtu && packet.Protocol is PacketProtocol.Udp) { DropTooBig(packet, now); return; }
        if (IsLost()) { internet.Trace.Record(now, TraceVerb.Lost, packet); return; }

        var leaves = now;
        if (Options.BytesPerSecond > 0)
        {
            var starts = _freeAt > now ? _freeAt : now;
            if (starts - now > Options.MaxQueue) { internet.Trace.Record(now, TraceVerb.QueueFull, packet); return; }
            leaves = _freeAt = starts + TimeSpan.FromTicks(packet.Size * TimeSpan.TicksPerSecond / Options.BytesPerSecond);
        }
        Packets++;
        Bytes += packet.Size;
        Dispatch(packet, leaves);
        if (Options.Duplicate > 0 && internet.Random.NextDouble() < Options.Duplicate) { Dispatch(packet, leaves); }
    }

    private void Dispatch(SimulatedPacket packet, TimeSpan leaves)
    {
        if (Options.Reorder > 0 && internet.Random.NextDouble() < Options.Reorder)
        {
            internet.Schedule(leaves + (Options.Delay / 2), () => Arrive(packet));
            return;
        }
        var due = leaves + Options.Delay;
        if (Options.Jitter > TimeSpan.Zero) { due += TimeSpan.FromTicks((long)(internet.Random.NextDouble() * Options.Jitter.Ticks)); }
        if (due < _lastArrival) { due = _lastArrival; }
        _lastArrival = due;
        internet.Schedule(due, () => Arrive(packet));
    }

    private void Arrive(SimulatedPacket packet)
    {
        if (IsUnplugged) { internet.Trace.Record(internet.Now, TraceVerb.Blocked, packet); return; }
        arrive(packet);
    }

    private bool LooksForbidden(SimulatedPacket packet) =>
        Options.Drops?.Invoke(packet) is true
        || (packet.Protocol is PacketProtocol.Udp && packet.Payload.Length > 0 && Options.DropsFirstByte?.Invoke(packet.Payload[0]) is true);

    private bool IsLost()
    {
        if (Options.Loss <= 0) { return false; }
        if (Options.LossRun <= 1) { return internet.Random.NextDouble() < Options.Loss; }
        // Gilbert: every packet in the bad state is lost. Leaving it with 1/run and entering with loss/(1-loss)/run makes both means right.
        var change = _isInLossRun ? 1 / Options.LossRun : Options.Loss / (1 - Options.Loss) / Options.LossRun;
        if (internet.Random.NextDouble() < change) { _isInLossRun = !_isInLossRun; }
        return _isInLossRun;
    }

    private void DropTooBig(SimulatedPacket packet, TimeSpan now)
    {
        internet.Trace.Record(now, TraceVerb.TooBig, packet);
        if (!Options.ReportsTooBig || packet.Origin is not { } origin) { return; }
        var mtu = Options.Mtu;
        // The error needs as long for the way back as the packet did for the way here.
        internet.Schedule(now + (now - origin.SentAt), () => origin.Host.HandleTooBig(origin.Destination, mtu));
    }
}
