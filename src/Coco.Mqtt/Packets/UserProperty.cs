namespace Coco.Mqtt.Packets;

/// <summary>A name and a value of the application's; passed on, never read here.</summary>
internal readonly record struct UserProperty(string Name, string Value);
