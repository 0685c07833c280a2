using System.Globalization;
using Coco.Mqtt.Tests.Hosting;

namespace Coco.Mqtt.Tests.Interop;

public sealed class MqttJsTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task MQTT_js_gets_what_it_publishes_and_its_session_back(int version)
    {
        var folder = Needs.NpmMqtt();
        await using var edge = await TestEdge.StartAsync();

        using var peer = new ForeignClient("node", ["peer.mjs", edge.End.Port.ToString(CultureInfo.InvariantCulture), version.ToString(CultureInfo.InvariantCulture), "500"], folder);

        Assert.Equal("done\n", await peer.EndAsync());
    }
}
