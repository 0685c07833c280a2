using Coco.Tunnels;

namespace Coco.Mqtt.Tests.Hosting;

/// <summary>An edge on a port of the system's choice, that lets in everybody.</summary>
internal static class TestEdge
{
    public static Task<MqttEdge> StartAsync(MqttEdgeOptions? options = null) =>
        MqttEdge.StartAsync(null, (options ?? new()) with { End = TunnelEnd.Tcp(0), Access = LocalAccess.Anyone });
}
