using System.Text;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Tests.Packets;
using Coco.Tunnels;

namespace Coco.Mqtt.Tests.Hosting;

public sealed class MqttEdgeTests
{
    [Theory]
    [InlineData("10 0E 0004 4D515454 06 02 003C 0002 6162", "20020001")] // 3.1.1 [MQTT-3.1.2-2]
    [InlineData("10 0E 0004 4D515454 03 02 003C 0002 6162", "20020001")]
    [InlineData("10 0E 0004 4D515455 04 02 003C 0002 6162", "")] // [MQTT-3.1.2-1]
    [InlineData("10 0E 0004 4D515454 04 03 003C 0002 6162", "")] // [MQTT-3.1.2-3]
    [InlineData("10 0C 0004 4D515454 04 00 003C 0000", "20020002")] // 3.1.1 [MQTT-3.1.3-8]
    [InlineData("C000", "")] // [MQTT-3.1.0-1]
    [InlineData("474554202F20485454502F312E310D0A0D0A", "")] // a browser
    [InlineData("10 0F 0004 4D515454 05 03 003C 00 0002 6162", "2003008100")] // [MQTT-3.1.2-3]: malformed, in version 5
    [InlineData("10 FFFFFF7F", "")] // a length nobody needs
    public async Task What_is_no_valid_CONNECT_ends_the_connection(string sent, string answer)
    {
        await using var edge = await TestEdge.StartAsync();
        using var client = await RawClient.ConnectAsync(edge, ProtocolVersion.V5);

        await client.SendAsync(Wire.Hex(sent));

        Assert.Equal(answer, Convert.ToHexString(await client.ReceiveToEndAsync()));
    }

    [Fact] // [MQTT-4.13.1-1], 4.13
    public async Task A_malformed_packet_ends_the_connection_and_a_client_of_5_is_told_why()
    {
        await using var edge = await TestEdge.StartAsync();
        using var five = await RawClient.BeginAsync(edge, "five");
        using var three = await RawClient.BeginAsync(edge, "three", ProtocolVersion.V311);

        await five.SendAsync(Wire.Hex("36 05 0001 61 0001"));
        await three.SendAsync(Wire.Hex("36 05 0001 61 0001"));

        Assert.Equal(ReasonCode.MalformedPacket, (await five.ReceiveAsync<ReasonPacket>()).Reason);
        Assert.Null(await five.ReceiveAsync());
        Assert.Null(await three.ReceiveAsync());
    }

    [Fact] // [MQTT-3.2.2-15]
    public async Task A_packet_that_is_too_large_ends_the_connection()
    {
        await using var edge = await TestEdge.StartAsync(new() { Limits = new() { MaxPacketSize = 1024 } });
        using var client = await RawClient.BeginAsync(edge, "c");

        await client.SendAsync(new PublishPacket { Topic = "a", Payload = new byte[1024] });

        Assert.Equal(ReasonCode.PacketTooLarge, (await client.ReceiveAsync<ReasonPacket>()).Reason);
    }

    [Fact] // what comes behind CONNECT at once (3.1.4) is served too
    public async Task Packets_may_follow_CONNECT_without_waiting_for_its_answer()
    {
        await using var edge = await TestEdge.StartAsync();
        using var client = await RawClient.ConnectAsync(edge, ProtocolVersion.V5);

        await client.SendAsync(
            new ConnectPacket { Version = ProtocolVersion.V5, ClientId = "c", IsCleanStart = true },
            new SubscribePacket(1) { Requests = [new("a", new(0))] },
            new PublishPacket { Topic = "a", Payload = "x"u8.ToArray() });

        await client.ReceiveAsync<ConnackPacket>();
        await client.ReceiveAsync<SubackPacket>();
        Assert.Equal("x", Encoding.UTF8.GetString((await client.ReceiveAsync<PublishPacket>()).Payload.Span));
    }

    [Fact]
    public async Task Many_messages_come_whole_and_in_order_also_at_a_Unix_socket()
    {
        var folder = Directory.CreateTempSubdirectory("coco-mqtt");
        await using var edge = await MqttEdge.StartAsync(null, new() { End = TunnelEnd.Unix(Path.Combine(folder.FullName, "mqtt")), Access = LocalAccess.SameUser });
        using var subscriber = await RawClient.BeginAsync(edge, "s");
        await subscriber.SubscribeAsync("a/#", 1);
        using var publisher = await RawClient.BeginAsync(edge, "p", ProtocolVersion.V311);

        for (var number = 0; number < 1000; number++)
        {
            await publisher.SendAsync(new PublishPacket { Topic = $"a/{number}", Payload = new byte[number * 7], Qos = Qos.AtLeastOnce, PacketId = (ushort)(number + 1) });
        }

        for (var number = 0; number < 1000; number++)
        {
            var message = await subscriber.ReceiveAsync<PublishPacket>();
            Assert.Equal(($"a/{number}", number * 7), (message.Topic, message.Payload.Length));
            await subscriber.SendAsync(new AckPacket(PacketType.Puback, message.PacketId));
            Assert.Equal(number + 1, (await publisher.ReceiveAsync<AckPacket>()).PacketId); // [MQTT-4.6.0-2]
        }
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, "the token", ReasonCode.Success)]
    [InlineData("ada", "her password", ReasonCode.Success)]
    [InlineData("ada", "the token", ReasonCode.BadUserNameOrPassword)]
    [InlineData(null, "nothing", ReasonCode.BadUserNameOrPassword)]
    [InlineData(null, null, ReasonCode.NotAuthorized)]
    public async Task Programs_are_let_in_by_token_or_password(string? user, string? password, object expected)
    {
        var token = LocalToken.Generate();
        await using var edge = await MqttEdge.StartAsync(null, new()
        {
            End = TunnelEnd.Tcp(0), Token = token, Users = [MqttUser.WithPassword(null, "ada", "her password"), MqttUser.Anyone(null)],
        });
        using var client = await RawClient.ConnectAsync(edge, ProtocolVersion.V5);
        var shown = password is "the token" ? token.Reveal() : password;

        await client.SendAsync(new ConnectPacket
        {
            Version = ProtocolVersion.V5, ClientId = "c", IsCleanStart = true, UserName = user, Password = shown is null ? null : Encoding.UTF8.GetBytes(shown),
        });

        Assert.Equal((ReasonCode)expected, (await client.ReceiveAsync<ConnackPacket>()).Reason);
    }

    [Fact] // 4.13, 3.14.2.1: reason 0x8B
    public async Task Clients_are_told_that_the_server_stops()
    {
        var edge = await TestEdge.StartAsync();
        using var client = await RawClient.BeginAsync(edge, "c");

        await edge.DisposeAsync();

        Assert.Equal(ReasonCode.ServerShuttingDown, (await client.ReceiveAsync<ReasonPacket>()).Reason);
        Assert.Null(await client.ReceiveAsync());
    }

    [Fact]
    public async Task A_port_in_use_is_said_so()
    {
        await using var edge = await TestEdge.StartAsync();

        var exception = await Assert.ThrowsAsync<CocoException>(() => MqttEdge.StartAsync(null, new() { End = edge.End, Access = LocalAccess.Anyone }));

        Assert.Equal(CocoError.AddressUnavailable, exception.Code);
    }

    [Fact]
    public async Task Who_says_nothing_is_let_go()
    {
        await using var edge = await TestEdge.StartAsync(new() { Limits = new() { ConnectTimeout = TimeSpan.FromMilliseconds(100) } });
        using var client = await RawClient.ConnectAsync(edge, ProtocolVersion.V5);

        Assert.Empty(await client.ReceiveToEndAsync());
    }
}
