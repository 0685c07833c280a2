using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;
using Coco.Tunnels;

namespace Coco.Mqtt.Hosting;

/// <summary>By the app's token, user names and passwords, or client identifiers.</summary>
internal sealed class EdgeAdmission(MqttEdgeOptions options, LocalToken token, ISessionLog log, Func<Node?, Broker> brokerOf, Node? node) : IEdgeAdmission
{
    public ISessionLog Log => log;

    /// <summary>Clients that were refused.</summary>
    public long Refused { get; private set; }

    public Broker? Admit(ConnectPacket packet, out ReasonCode refusal)
    {
        var broker = Find(packet, out refusal);
        if (broker is null) { Refused++; }
        return broker;
    }

    private Broker? Find(ConnectPacket packet, out ReasonCode refusal)
    {
        refusal = ReasonCode.Success;
        var user = options.Users.FirstOrDefault(user => user.Matches(packet.UserName, packet.ClientId));
        if (user is { Name: not null })
        {
            if (user.IsPassword(packet.Password)) { return brokerOf(user.Node); }
            refusal = ReasonCode.BadUserNameOrPassword;
            return null;
        }
        if (options.Access is LocalAccess.Token && !token.Matches(packet.Password))
        {
            refusal = packet.Password is null ? ReasonCode.NotAuthorized : ReasonCode.BadUserNameOrPassword;
            return null;
        }
        if (user is not null || options.Users.Count == 0) { return brokerOf(user is null ? node : user.Node); }
        refusal = ReasonCode.NotAuthorized;
        return null;
    }
}
