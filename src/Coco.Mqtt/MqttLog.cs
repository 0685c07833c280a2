using Microsoft.Extensions.Logging;

namespace Coco.Mqtt;

/// <summary>What the MQTT edge says.</summary>
internal static partial class MqttLog
{
    [LoggerMessage(1580, LogLevel.Information, "MQTT at {End}, for {Users}")]
    public static partial void Listening(this ILogger logger, string end, string users);

    [LoggerMessage(1581, LogLevel.Critical, "MQTT at {End} stopped, by a fault of its own. Report it with this log")]
    public static partial void Failed(this ILogger logger, string end, Exception exception);

    [LoggerMessage(1582, LogLevel.Error, "MQTT at {End}: {Cause} Clients are answered when it can be stored")]
    public static partial void NotStored(this ILogger logger, string end, string cause);

    [LoggerMessage(1583, LogLevel.Warning, "MQTT: {Topic} was not published as asked: {Cause}")]
    public static partial void NotPublished(this ILogger logger, string topic, string cause);

    [LoggerMessage(1584, LogLevel.Warning, "MQTT: {Filter} could not be subscribed to: {Cause}")]
    public static partial void NotSubscribed(this ILogger logger, string filter, string cause);

    [LoggerMessage(1586, LogLevel.Warning, "MQTT: {Topic} is not published: the network's policy does not let this node (coco policy). What comes of this topic from now on is not said")]
    public static partial void Denied(this ILogger logger, string topic);

    [LoggerMessage(1587, LogLevel.Warning, "MQTT at {End}: this process may have {Files} files open, too few for {Clients} clients at once. Raise the hard limit where it is started (ulimit -Hn, LimitNOFILE= of systemd), or allow fewer clients")]
    public static partial void FewFiles(this ILogger logger, string end, long files, int clients);

    [LoggerMessage(1585, LogLevel.Warning, "MQTT: client {Client} sent a packet of more than {Limit} bytes and was let go. Its network carries no longer messages: send them as files, or in parts")]
    public static partial void TooLarge(this ILogger logger, string client, int limit);
}
