using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Bus;

/// <summary>A message of another edge.</summary>
/// <param name="Message">The message.</param>
/// <param name="IsStored">Whether it is a value that was published before the subscription.</param>
/// <param name="IsLatest">Whether the network knows no later value of its topic.</param>
/// <param name="Common">The same object where the message comes by several filters; null where it comes by one.</param>
internal readonly record struct BusMessage(Message Message, bool IsStored, bool IsLatest = true, object? Common = null);
