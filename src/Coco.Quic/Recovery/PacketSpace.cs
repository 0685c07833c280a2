using Coco.Quic.Frames;
using Coco.Quic.Packets;
using Coco.Quic.Streams;

namespace Coco.Quic.Recovery;

/// <summary>One packet number space: what was sent and is unsettled, what was received and is unacknowledged (RFC 9000 §12.3,
/// RFC 9002 A.3).</summary>
internal sealed class PacketSpace(EncryptionLevel level)
{
    public readonly EncryptionLevel Level = level;
    public readonly SentPackets Sent = new();
    public PacketNumberRanges Received = new();

    /// <summary>CRYPTO data of this level; dropped once the handshake is confirmed.</summary>
    public CryptoStream? Crypto;

    public PacketKeys? ReadKeys;
    public PacketKeys? WriteKeys;

    public long NextPacketNumber;
    public long LargestAcked = -1;
    public long TimeOfLastAckEliciting;
    public long LastProgress; // when something was last acknowledged, timed out, or went to another path
    public long NewestAckedTimeSent;
    public long LossTime; // 0 when no packet waits to be declared lost by time
    public int ProbesToSend;

    // Acknowledgements owed to the peer (RFC 9000 §13.2).
    public long LargestReceivedTime;
    public long AckDeadline; // 0 when none is owed
    public int AckElicitingSinceAck;
    public bool AckNow;
    public long EcnEct0;
    public long EcnEct1;
    public long EcnCe;

    /// <summary>The ECN counts to report, or null while no marked packet has come (RFC 9000 §13.4.1).</summary>
    public EcnCounts? EcnToReport => EcnEct0 + EcnEct1 + EcnCe == 0 ? null : new((ulong)EcnEct0, (ulong)EcnEct1, (ulong)EcnCe);

    /// <summary>From when the probe timeout counts while something is in flight. RFC 9002 §6.2.1 counts from the last packet, so that an
    /// application which writes at a steady pace would put the timeout off until the window is full, on a path long dead. Application data
    /// counts, like TCP (RFC 6298 §5), from the oldest packet or the last progress.</summary>
    public long ProbeTimerStart => Level != EncryptionLevel.OneRtt ? TimeOfLastAckEliciting
        : Math.Min(TimeOfLastAckEliciting, Math.Max(LastProgress, Sent.Find(Sent.First).TimeSent));

    public bool OwesAck => AckNow || AckDeadline != 0;

    public void AckWasSent()
    {
        AckNow = false;
        AckDeadline = 0;
        AckElicitingSinceAck = 0;
    }
}
