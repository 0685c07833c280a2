using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Hosting;

/// <summary>Decides who is let in, and by which broker it is served.</summary>
internal interface IEdgeAdmission
{
    public ISessionLog Log { get; }

    /// <summary>The broker for a client; null where it is refused. On the loop.</summary>
    public Broker? Admit(ConnectPacket packet, out ReasonCode refusal);
}
