using Coco.Cli.Api;

namespace Coco.Cli.Daemon;

/// <summary>MQTT servers over the topics of networks.</summary>
internal static class MqttEndpoints
{
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/v1/mqtt", static call => Task.FromResult(ListOf(call)));
        routes.Post<MqttWish, MqttView>("/v1/mqtt", static (call, wish) => call.Network().Mqtt.OpenAsync(wish, name => call.Daemon.Nodes.Find(call.Caller, name).Node, call.Aborted));
        routes.Delete("/v1/mqtt", static async call =>
        {
            await call.Network().Mqtt.CloseAsync(call.Aborted);
            return new Done();
        });
    }

    private static MqttList ListOf(ApiCall call)
    {
        var nodes = call.Query("network") is null ? call.Daemon.Nodes.Of(call.Caller) : [call.Network()];
        return new([.. nodes.Select(static one => one.Mqtt.View()).OfType<MqttView>()]);
    }
}
