namespace Coco.Mqtt.Packets;

/// <summary>A filter as a client asks for it, valid or not, and how it wants it.</summary>
internal readonly record struct SubscriptionRequest(string Filter, SubscriptionOptions Options);
