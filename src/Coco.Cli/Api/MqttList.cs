namespace Coco.Cli.Api;

/// <summary>The MQTT servers that were opened here.</summary>
internal sealed record MqttList(IReadOnlyList<MqttView> Servers);
