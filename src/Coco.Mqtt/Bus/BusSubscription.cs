using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Bus;

/// <summary>What came of subscribing to a filter.</summary>
/// <param name="Reason">Success, or why not.</param>
/// <param name="Retained">The values that are retained there.</param>
internal sealed record BusSubscription(ReasonCode Reason, IReadOnlyList<Message> Retained)
{
    public static BusSubscription Empty { get; } = new(ReasonCode.Success, []);

    public static Task<BusSubscription> Nothing { get; } = Task.FromResult(Empty);
}
