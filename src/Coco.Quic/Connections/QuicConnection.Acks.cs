using System.Runtime.CompilerServices;
using Coco.Quic.Congestion;
using Coco.Quic.Frames;
using Coco.Quic.Paths;
using Coco.Quic.Recovery;

namespace Coco.Quic.Connections;

/// <summary>Acknowledgements and loss (RFC 9000 §13, RFC 9002 §6).</summary>
public sealed partial class QuicConnection
{
    private const int PacketThreshold = 3; // kPacketThreshold, RFC 9002 §6.1.1

    private const int SparseSpan = 4096; // chosen: packet numbers remembered for few packets, half a megabyte

    private long _packetsLost;
    private int _ptoCount;
    private long _skippedPacketNumber = -1;

    private bool HandleAck(PacketSpace space, scoped in Frame frame, long now)
    {
        var largest = (long)frame.LargestAcknowledged;
        // RFC 9000 §13.1: an acknowledgement of a packet that was never sent is a PROTOCOL_VIOLATION.
        if (largest >= space.NextPacketNumber) { return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "the peer acknowledged a packet that was not sent", now); }

        var isNewLargest = largest > space.LargestAcked;
        if (isNewLargest) { space.LargestAcked = largest; }

        var batch = new AckBatch(_active.Congestion, now);
        var ackedMarked = 0;
        var sampleTime = -1L;
        NetworkPath? samplePath = null;
        var oldestAcked = long.MaxValue;
        var newestAcked = space.NewestAckedTimeSent;
        var hadAckEliciting = false;
        var any = false;
        var ranges = frame.AckRanges;
        while (ranges.TryRead(out var range))
        {
            var (smallestRead, largestRead) = ((long)range.Smallest, (long)range.Largest);
            if (space == _data && _skippedPacketNumber >= smallestRead && _skippedPacketNumber <= largestRead)
            {
                return Fail(QuicErrorCode.ProtocolViolation, frame.Type, "the peer acknowledged a packet number that was skipped", now);
            }
            var last = Math.Min(largestRead, space.Sent.Next - 1);
            for (var number = Math.Max(smallestRead, space.Sent.First); number <= last; number++)
            {
                ref var packet = ref space.Sent.Find(number);
                if (Unsafe.IsNullRef(ref packet)) { continue; }
                any = true;
                hadAckEliciting |= packet.Has(SentPacketFlags.AckEliciting);
                oldestAcked = Math.Min(oldestAcked, packet.TimeSent);
                newestAcked = Math.Max(newestAcked, packet.TimeSent);
                if (number == largest && isNewLargest) { (sampleTime, samplePath) = (packet.TimeSent, FindPath(packet.Path)); }
                OnPacketAcked(space, number, ref packet, ref batch, ref ackedMarked);
            }
        }
        if (!any) { return true; }
        space.LastProgress = now;
        if (samplePath is not null && hadAckEliciting) { SampleRtt(space, samplePath, frame, sampleTime, now); }
        if (isNewLargest && space == _data && _active.UsesEcn)
        {
            Congestion.EcnCounts? counts = frame.Type == FrameType.AckEcn ? new((long)frame.Ecn.Ect0, (long)frame.Ecn.Ect1, (long)frame.Ecn.Ce) : null;
            batch.CongestionExperienced = _active.Ecn.OnAck(counts, ackedMarked);
        }
        var isPersistent = DetectLosses(space, ref batch, oldestAcked, now);
        space.NewestAckedTimeSent = newestAcked;
        ApplyBatch(ref batch, isPersistent, now);

        // RFC 9002 §6.2.1: the backoff is reset, but by a client not before it knows that the server has validated its address.
        if (PeerHasValidatedUs) { _ptoCount = 0; }
        // RFC 9001 §4.1.2: a server that acknowledges a 1-RTT packet has completed the handshake, as HANDSHAKE_DONE would say.
        if (space == _data && _isClient && State == ConnectionState.Connected) { Confirm(now); }
        return true;
    }

    private bool PeerHasValidatedUs => !_isClient || _handshakeSpace is null || _handshakeSpace.LargestAcked >= 0 || _confirmed;

    private void OnPacketAcked(PacketSpace space, long number, ref SentPacket packet, ref AckBatch batch, ref int ackedMarked)
    {
        var flags = packet.Flags;
        if (packet.Path == _active.Key)
        {
            if (space == _data && number > _active.LargestAcked)
            {
                _active.LargestAcked = number;
                if (number >= _switchFirstSent) { (_unsettledUntil, _left) = (0, null); }
            }
            _active.Outstanding--;
            if ((flags & SentPacketFlags.InFlight) != 0)
            {
                if (_active.Congestion.NeedsDeliverySnapshots) { batch.AddAcked(packet.Size, packet.TimeSent, packet.Delivery); }
                else { batch.AddAcked(packet.Size, packet.TimeSent); }
            }
            if ((flags & SentPacketFlags.EcnMarked) != 0) { ackedMarked++; }
            if ((flags & SentPacketFlags.MtuProbe) != 0) { OnMtuProbeAcked(_active, packet.Size); }
            else { _active.Mtu.OnPacketAcked(packet.Size); }
        }
        else if (FindPath(packet.Path) is { } other)
        {
            if (space == _data) { other.LargestAcked = Math.Max(other.LargestAcked, number); }
            other.Outstanding--;
            if ((flags & SentPacketFlags.InFlight) != 0) { other.Congestion.OnDiscarded(packet.Size); }
            if ((flags & SentPacketFlags.MtuProbe) != 0) { OnMtuProbeAcked(other, packet.Size); }
        }
        if (packet.LargestAcknowledged >= 0) { space.Received.ForgetUpTo(packet.LargestAcknowledged); }
        if (space == _data && number >= _phaseFirstSent) { _phaseAcknowledged = true; }
        if (packet.Stream.Length >= 0) { _streams.OnAcked(packet.Stream); }
        for (var at = packet.Frames; at >= 0;)
        {
            at = _sentFrames.Pop(at, out var frame);
            OnFrameAcked(space, frame);
        }
        space.Sent.Remove(number);
    }

    private void SampleRtt(PacketSpace space, NetworkPath path, scoped in Frame frame, long sentTime, long now)
    {
        // RFC 9000 §13.2.5: the delay counts in 1-RTT packets only, in units of 2^ack_delay_exponent microseconds.
        long delay = 0;
        if (space == _data && _peerParameters is not null)
        {
            var scaled = Math.Min(frame.AckDelay, 1UL << 40) << (int)_peerParameters.AckDelayExponent;
            delay = (long)Math.Min(scaled, 1UL << 40) * TimeSpan.TicksPerMicrosecond;
        }
        if (!path.Rtt.HasSample) { path.FirstRttSample = now; }
        path.Rtt.Update(now - sentTime, delay, _confirmed, PeerMaxAckDelay);
    }

    private void ApplyBatch(ref AckBatch batch, bool isPersistentCongestion, long now)
    {
        _active.Congestion.OnAckBatch(batch, _active.Rtt);
        if (isPersistentCongestion && _active.Info.Kind != PathKind.Reliable)
        {
            _active.Congestion.OnPersistentCongestion();
            _active.Rtt.ResetMinimum();
        }
        _active.Pacer.SetRate(_active.Congestion.PacingRate(_active.Rtt), _active.Mtu.Current, now);
        _streams.GrowSendBuffers(2 * _active.Congestion.Window);
    }

    /// <summary>RFC 9002 A.10. Reordering between paths is no loss: the packet threshold counts within a path. True for persistent
    /// congestion, where nothing sent between the first and the last loss was acknowledged (§7.6.2).</summary>
    private bool DetectLosses(PacketSpace space, ref AckBatch batch, long oldestAcked, long now)
    {
        space.LossTime = 0;
        if (space.LargestAcked < 0) { return false; }
        var lossDelay = _active.Rtt.LossDelay;
        long firstLost = -1, lastLost = -1;
        var last = Math.Min(space.LargestAcked, space.Sent.Next - 1);
        for (var number = space.Sent.First; number <= last && space.Sent.Count > 0; number++)
        {
            ref var packet = ref space.Sent.Find(number);
            if (Unsafe.IsNullRef(ref packet)) { continue; }
            var path = packet.Path == _active.Key ? _active : FindPath(packet.Path);
            var delay = path is null || path == _active ? lossDelay : Math.Max(lossDelay, path.Rtt.LossDelay);
            if (packet.TimeSent + delay <= now || LargestAckedOf(space, path) - number >= PacketThreshold)
            {
                if (packet.Has(SentPacketFlags.AckEliciting) && path == _active && packet.TimeSent < oldestAcked
                    && packet.TimeSent > Math.Max(space.NewestAckedTimeSent, path.FirstRttSample))
                {
                    if (firstLost < 0) { firstLost = packet.TimeSent; }
                    lastLost = packet.TimeSent;
                }
                OnPacketLost(space, number, ref packet, ref batch, now);
            }
            else
            {
                var time = packet.TimeSent + delay;
                if (space.LossTime == 0 || time < space.LossTime) { space.LossTime = time; }
                // Packets of one path leave in order, so the later ones wait at least as long.
                if (path == _active) { break; }
            }
        }
        return firstLost >= 0 && _active.Rtt.HasSample && lastLost - firstLost > _active.Rtt.PersistentCongestionDuration(PeerMaxAckDelay);
    }

    // Only 1-RTT packets are spread over paths.
    private static long LargestAckedOf(PacketSpace space, NetworkPath? path) =>
        space.Level != Packets.EncryptionLevel.OneRtt ? space.LargestAcked : path?.LargestAcked ?? -1;

    private void OnPacketLost(PacketSpace space, long number, ref SentPacket packet, ref AckBatch batch, long now)
    {
        _packetsLost++;
        var flags = packet.Flags;
        var path = packet.Path == _active.Key ? _active : FindPath(packet.Path);
        if (path is not null)
        {
            path.Outstanding--;
            if ((flags & SentPacketFlags.MtuProbe) != 0)
            {
                // RFC 9000 §14.4: the loss of a probe is no sign of congestion.
                path.Mtu.OnProbeLost(packet.Size);
                path.Congestion.OnDiscarded(packet.Size);
            }
            else if ((flags & SentPacketFlags.InFlight) != 0)
            {
                if (path != _active) { path.Congestion.OnDiscarded(packet.Size); }
                else if (path.Congestion.NeedsDeliverySnapshots) { batch.AddLost(packet.Size, packet.TimeSent, packet.Delivery); }
                else { batch.AddLost(packet.Size, packet.TimeSent); }
                if (path.Mtu.OnPacketLost(packet.Size, now)) { path.Congestion.SetMaxDatagramSize(path.Mtu.Current); }
            }
            if ((flags & SentPacketFlags.EcnMarked) != 0) { path.Ecn.OnMarkedLost(); }
        }
        Qlog?.PacketLost(space.Level, number, (flags & SentPacketFlags.MtuProbe) != 0);
        RequeueFrames(space, ref packet);
        space.Sent.Remove(number);
    }

    private void RequeueFrames(PacketSpace space, ref SentPacket packet)
    {
        if (packet.Stream.Length >= 0) { _streams.OnLost(packet.Stream); }
        for (var at = packet.Frames; at >= 0;)
        {
            at = _sentFrames.Pop(at, out var frame);
            OnFrameLost(space, frame);
        }
    }

    private void OnFrameAcked(PacketSpace space, in SentFrame frame)
    {
        switch (frame.Kind)
        {
            case SentFrameKind.Stream: _streams.OnAcked(frame.Stream); break;
            case SentFrameKind.StreamControl: _streams.OnAcked(frame.Control); break;
            case SentFrameKind.Crypto: space.Crypto?.OnAcked(frame.Stream); break;
            case SentFrameKind.Datagram: Raise(ConnectionEventKind.DatagramAcknowledged, value: frame.Value); break;
        }
    }

    /// <summary>What was in a lost packet is sent anew where it still matters (RFC 9000 §13.3).</summary>
    private void OnFrameLost(PacketSpace space, in SentFrame frame)
    {
        switch (frame.Kind)
        {
            case SentFrameKind.Stream: _streams.OnLost(frame.Stream); break;
            case SentFrameKind.StreamControl: _streams.OnLost(frame.Control); break;
            case SentFrameKind.Crypto: space.Crypto?.OnLost(frame.Stream); break;
            case SentFrameKind.NewConnectionId: _localIds.AnnounceAgain(frame.Value); break;
            case SentFrameKind.RetireConnectionId: _remoteIds.RetireAgain(frame.Value); break;
            case SentFrameKind.HandshakeDone: _handshakeDonePending = true; break;
            case SentFrameKind.NewToken: _newTokenPending = true; break;
            case SentFrameKind.AckFrequency: _ackFrequencyPending = true; break;
            case SentFrameKind.Datagram: Raise(ConnectionEventKind.DatagramLost, value: frame.Value); break;
        }
    }

    /// <summary>The ring of sent packets spans all numbers since the oldest open one, ACK-only packets included: a peer that sends on
    /// and leaves one packet unacknowledged would make it grow without end. Such a packet is given up as lost.</summary>
    private void GiveUpOldestIfSparse(long now)
    {
        var sent = _data.Sent;
        while (sent.Next - sent.First > Math.Max(SparseSpan, 4L * sent.Count) && sent.Count > 0)
        {
            ref var oldest = ref sent.Find(sent.First);
            var batch = new AckBatch(_active.Congestion, now);
            OnPacketLost(_data, sent.First, ref oldest, ref batch, now);
            ApplyBatch(ref batch, isPersistentCongestion: false, now);
        }
    }

    private static void OnMtuProbeAcked(NetworkPath path, int size)
    {
        path.Mtu.OnProbeAcked(size);
        path.Congestion.SetMaxDatagramSize(path.Mtu.Current);
    }

    /// <summary>Everything in flight on a path that is given up is sent again at once elsewhere; its congestion state goes with it.</summary>
    private void AbandonInFlight(NetworkPath path)
    {
        var sent = _data.Sent;
        for (long number = sent.First, end = sent.Next; number < end && sent.Count > 0; number++)
        {
            ref var packet = ref sent.Find(number);
            if (Unsafe.IsNullRef(ref packet) || packet.Path != path.Key) { continue; }
            path.Outstanding--;
            if (packet.Has(SentPacketFlags.InFlight)) { path.Congestion.OnDiscarded(packet.Size); }
            _packetsLost++;
            Qlog?.PacketLost(Packets.EncryptionLevel.OneRtt, number, packet.Has(SentPacketFlags.MtuProbe));
            RequeueFrames(_data, ref packet);
            sent.Remove(number);
        }
    }
}
