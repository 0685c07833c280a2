using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Packets;

/// <summary>A packet of each kind, with all that may be in it.</summary>
internal static class PacketSamples
{
    private static readonly PropertySet User = new() { UserProperties = [new("name", "value"), new("name", "again")] };

    private static readonly PropertySet Answer = User with { ReasonString = "why" };

    public static IReadOnlyList<Func<ProtocolVersion, byte[]>> All { get; } =
    [
        version => Wire.Bytes(new ConnectPacket
        {
            Version = version, IsCleanStart = true, KeepAliveSeconds = 60, ClientId = "sensor-7", UserName = "ada", Password = [1, 2, 3],
            Will = new("a/will", [9, 8], Qos.ExactlyOnce, IsRetained: true, Properties: Message with { WillDelay = 5 }),
            Properties = User with
            {
                SessionExpiry = 100, ReceiveMaximum = 10, MaximumPacketSize = 4096, TopicAliasMaximum = 8, RequestProblemInformation = 1,
                RequestResponseInformation = 0, AuthenticationMethod = "m", AuthenticationData = [7],
            },
        }, version),
        version => Wire.Bytes(new ConnackPacket
        {
            IsSessionPresent = true, Reason = ReasonCode.Success,
            Properties = Answer with
            {
                SessionExpiry = 1, ReceiveMaximum = 2, MaximumQos = 1, RetainAvailable = 1, MaximumPacketSize = 3, AssignedClientIdentifier = "c",
                TopicAliasMaximum = 4, WildcardSubscriptionAvailable = 1, SubscriptionIdentifierAvailable = 0, SharedSubscriptionAvailable = 1,
                ServerKeepAlive = 5, ResponseInformation = "r", ServerReference = "s", AuthenticationMethod = "m", AuthenticationData = [],
            },
        }, version),
        version => Wire.Bytes(new PublishPacket
        {
            Topic = "a/b", Payload = new byte[] { 1, 2, 3 }, Qos = Qos.AtLeastOnce, PacketId = 77, IsRetained = true, IsDuplicate = true,
            Properties = Message with { TopicAlias = 3, SubscriptionIdentifiers = [1, 200, 268_435_455] },
        }, version),
        version => Wire.Bytes(new PublishPacket { Topic = "q", Payload = Array.Empty<byte>() }, version),
        version => Wire.Bytes(new AckPacket(PacketType.Puback, 1) { Reason = ReasonCode.NoMatchingSubscribers }, version),
        version => Wire.Bytes(new AckPacket(PacketType.Pubrec, 2) { Reason = ReasonCode.QuotaExceeded, Properties = Answer }, version),
        version => Wire.Bytes(new AckPacket(PacketType.Pubrel, 3), version),
        version => Wire.Bytes(new AckPacket(PacketType.Pubcomp, 65535) { Reason = ReasonCode.PacketIdentifierNotFound, Properties = User }, version),
        version => Wire.Bytes(new SubscribePacket(10)
        {
            Requests = version is ProtocolVersion.V5 ? [new("a/+/#", new(0x2E)), new("$share/g/b", new(0x01))] : [new("a/+/#", new(2)), new("b", new(0))],
            Properties = User with { SubscriptionIdentifiers = [7] },
        }, version),
        version => Wire.Bytes(new SubackPacket(PacketType.Suback, 10) { Reasons = [ReasonCode.GrantedQos2, ReasonCode.Unspecified], Properties = Answer }, version),
        version => Wire.Bytes(new UnsubscribePacket(11) { Filters = ["a/+/#", "b"], Properties = User }, version),
        version => Wire.Bytes(new SubackPacket(PacketType.Unsuback, 11)
        {
            Reasons = version is ProtocolVersion.V5 ? [ReasonCode.Success, ReasonCode.NoSubscriptionExisted] : [],
        }, version),
        version => Wire.Bytes(PingPacket.Request, version),
        version => Wire.Bytes(PingPacket.Response, version),
        version => Wire.Bytes(new ReasonPacket(PacketType.Disconnect) { Reason = ReasonCode.DisconnectWithWill, Properties = Answer with { SessionExpiry = 3 } }, version),
        _ => Wire.Bytes(new ReasonPacket(PacketType.Auth) { Reason = ReasonCode.Reauthenticate, Properties = Answer with { AuthenticationMethod = "m" } }),
    ];

    private static PropertySet Message => User with
    {
        PayloadFormat = 1, MessageExpiry = 30, ContentType = "text/plain", ResponseTopic = "answers", CorrelationData = [5, 6],
    };
}
