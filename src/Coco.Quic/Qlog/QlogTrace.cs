using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Paths;

namespace Coco.Quic.Qlog;

/// <summary>One connection's trace.</summary>
public abstract class QlogTrace
{
    private protected QlogTrace() { }

    internal abstract void PacketSent(EncryptionLevel level, long number, int size, long now);
    internal abstract void PacketReceived(EncryptionLevel level, long number, int payload, long now);
    internal abstract void PacketLost(EncryptionLevel level, long number, long now);
    internal abstract void PathChanged(PathId id, long now);
    internal abstract void PathValidated(PathId id, long now);
    internal abstract void ProbeTimeout(EncryptionLevel level, int count, long now);
    internal abstract void Closed(CloseReason reason, long now);
}
