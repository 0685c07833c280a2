using System.Text.Json;
using System.Text.Json.Serialization;
using Coco.Cli.Daemon;

namespace Coco.Cli.Api;

/// <summary>How everything that passes through the socket, and what the daemon keeps beside the stores, is written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(StatusView))]
[JsonSerializable(typeof(NetworkList))]
[JsonSerializable(typeof(NetworkView))]
[JsonSerializable(typeof(NetworkWish))]
[JsonSerializable(typeof(NetworkMade))]
[JsonSerializable(typeof(InviteWish))]
[JsonSerializable(typeof(TicketView))]
[JsonSerializable(typeof(JoinWish))]
[JsonSerializable(typeof(PeerList))]
[JsonSerializable(typeof(PingWish))]
[JsonSerializable(typeof(PingView))]
[JsonSerializable(typeof(GraphView))]
[JsonSerializable(typeof(ServiceWish))]
[JsonSerializable(typeof(ServiceView))]
[JsonSerializable(typeof(TunnelWish))]
[JsonSerializable(typeof(TunnelView))]
[JsonSerializable(typeof(TunnelsView))]
[JsonSerializable(typeof(MqttWish))]
[JsonSerializable(typeof(MqttView))]
[JsonSerializable(typeof(MqttList))]
[JsonSerializable(typeof(OfferList))]
[JsonSerializable(typeof(TokenView))]
[JsonSerializable(typeof(RoleWish))]
[JsonSerializable(typeof(GrantWish))]
[JsonSerializable(typeof(GrantView))]
[JsonSerializable(typeof(GrantList))]
[JsonSerializable(typeof(PolicyText))]
[JsonSerializable(typeof(BackupManifest))]
[JsonSerializable(typeof(BackupDone))]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(AppsView))]
[JsonSerializable(typeof(AppMade))]
[JsonSerializable(typeof(AppWish))]
[JsonSerializable(typeof(AppList))]
[JsonSerializable(typeof(SendWish))]
[JsonSerializable(typeof(SentView))]
[JsonSerializable(typeof(InboxWish))]
[JsonSerializable(typeof(MessageView))]
[JsonSerializable(typeof(CompleteWish))]
[JsonSerializable(typeof(PublishWish))]
[JsonSerializable(typeof(SubscribeWish))]
[JsonSerializable(typeof(TopicView))]
[JsonSerializable(typeof(FileWish))]
[JsonSerializable(typeof(FileView))]
[JsonSerializable(typeof(FilesWish))]
[JsonSerializable(typeof(ReceivedFileView))]
[JsonSerializable(typeof(DemoView))]
[JsonSerializable(typeof(NodeSettings))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>One spelling of the names of enumerations: lower-case, words joined by hyphens.</summary>
    public static string NameOf(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
