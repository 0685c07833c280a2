using System.Globalization;
using System.Reflection;
using System.Text;
using Coco.Mqtt.Topics;

namespace Coco.Mqtt.Sessions;

/// <content>What the server says of itself: values that whoever asks for them gets when he subscribes, and every ten seconds while somebody does. They are not the
/// network's.</content>
internal sealed partial class Broker
{
    private const string Status = "$SYS/";

    // Chosen: as often as other servers do.
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(10);

    private static readonly string Version = $"Coco {typeof(Broker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    private TimeSpan? _startedAt;
    private TimeSpan _statusAt = TimeSpan.MaxValue;
    private int _statusSubscriptions;

    private static bool IsStatus(string filter) => filter.StartsWith(Status, StringComparison.Ordinal);

    private void CountStatus(TopicFilter filter, int by)
    {
        if (!IsStatus(filter.Filter)) { return; }
        _statusSubscriptions += by;
        _statusAt = _statusSubscriptions == 0 ? TimeSpan.MaxValue : _statusAt == TimeSpan.MaxValue ? TimeSpan.Zero : _statusAt;
        Wait(_statusAt);
    }

    private void SendStatus(Subscription subscription, TimeSpan now)
    {
        if (_statusAt < now) { _statusAt = now + StatusInterval; } // not again at once
        foreach (var message in StatusAt(now))
        {
            if (TopicFilter.Matches(subscription.Filter.Filter, message.Topic)) { SendRetained(subscription, message, now); }
        }
    }

    private void PublishStatus(TimeSpan now)
    {
        if (_statusAt > now) { return; }
        _statusAt = now + StatusInterval;
        foreach (var message in StatusAt(now)) { Publish(message, now); }
    }

    private Message[] StatusAt(TimeSpan now) =>
    [
        Value("version", Version),
        Value("uptime", $"{(long)(now - (_startedAt ?? now)).TotalSeconds} seconds"),
        Value("clients/connected", Number(_clients.Count)),
        Value("clients/total", Number(_sessions.Count)),
        Value("subscriptions/count", Number(_sessions.Values.Sum(static session => session.Subscriptions.Count))),
        Value("retained messages/count", Number(_retained.Count)),
        Value("publish/messages/dropped", Number(Dropped)),
    ];

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Message Value(string name, string text) => new() { Topic = $"{Status}broker/{name}", Payload = Encoding.UTF8.GetBytes(text) };
}
