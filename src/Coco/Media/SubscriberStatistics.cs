using Coco.Crypto;

namespace Coco.Media;

/// <summary>How a subscriber to whom this node sends fares: what an encoder needs to choose its rate.</summary>
public sealed record SubscriberStatistics
{
    /// <summary>The subscriber.</summary>
    public required NodeId Node { get; init; }

    /// <summary>How many copies it has agreed to send on; 0 for none.</summary>
    public required int Rebroadcasts { get; init; }

    /// <summary>Bytes of objects given to the path so far.</summary>
    public required long BytesSent { get; init; }

    /// <summary>Bytes of objects that the subscriber says it has received, as of a second ago.</summary>
    public required long BytesDelivered { get; init; }

    /// <summary>Bytes per second that it received of late.</summary>
    public required double DeliveryRate { get; init; }

    /// <summary>Bytes per second that the path takes, as measured while objects wait for it; 0 where none do.</summary>
    public required double SendRate { get; init; }

    /// <summary>Bytes per second that the congestion window allows. It grows with use: where little is sent it says less than the path could take.</summary>
    public required double WindowRate { get; init; }

    /// <summary>The smoothed round trip.</summary>
    public required TimeSpan RoundTripTime { get; init; }

    /// <summary>Bytes that wait.</summary>
    public required long BytesWaiting { get; init; }

    /// <summary>Objects that were left out because they were late, or there was no room.</summary>
    public required long ObjectsLeftOut { get; init; }

    /// <summary>Objects that the subscriber missed, as it says.</summary>
    public required long ObjectsLost { get; init; }

    /// <summary>Bytes per second that the subscriber can be sent, as far as is known: an encoder above that makes objects be left out.</summary>
    public double EstimatedRate => SendRate > 0 ? SendRate : Math.Max(DeliveryRate, WindowRate);
}
