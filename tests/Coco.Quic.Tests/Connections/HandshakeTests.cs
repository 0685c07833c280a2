using Coco.Quic.Connections;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

public sealed class HandshakeTests
{
    [Fact]
    public void Two_nodes_that_know_each_other_connect_in_one_round_trip()
    {
        using var pair = new SimulatedPair();
        var start = pair.Network.Now;
        Assert.True(pair.Network.RunUntil(() => pair.Client.State == ConnectionState.Connected));
        Assert.Equal(TimeSpan.FromMilliseconds(20), pair.Network.Now - start);
        pair.Connect();
        Assert.Equal(pair.ServerId, pair.Client.PeerId);
        Assert.Equal(pair.ClientId, pair.Server!.PeerId);
        Assert.Equal("coco/1", pair.Client.ApplicationProtocol);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(10_000_000)]
    public void Bytes_arrive_whole(int length)
    {
        using var pair = new SimulatedPair().Connect();
        pair.Transfer(pair.Client, pair.Server!, length);
        pair.Transfer(pair.Server!, pair.Client, length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Bytes_arrive_whole_over_a_bad_link(ulong seed)
    {
        var link = new LinkOptions { Loss = 0.05, Reorder = 0.05, Duplicate = 0.02, Corrupt = 0.01 };
        using var pair = new SimulatedPair(seed, link).Connect();
        pair.Transfer(pair.Client, pair.Server!, 1_000_000);
        pair.Transfer(pair.Server!, pair.Client, 1_000_000);
    }

    [Fact] // RFC 9002 §6.2.4: found with quiche at 30 % loss, whose server had completed the handshake and dropped its keys
    public void A_client_that_waits_for_the_end_of_the_handshake_probes_with_application_data_too()
    {
        using var pair = new SimulatedPair();
        Assert.True(pair.Network.RunUntil(() => pair.Client.State == ConnectionState.Connected));
        var oneRtt = 0;
        pair.Network.Filter = (side, _, datagram) =>
        {
            oneRtt += side == 0 && (datagram[0] & 0x80) == 0 ? 1 : 0;
            return side == 0;
        };
        Assert.True(pair.Client.TryOpenStream(bidirectional: false, out var id));
        pair.Client.Write(id, "data"u8, fin: true, out _);
        pair.Network.RunFor(TimeSpan.FromSeconds(2));
        Assert.InRange(oneRtt, 2, int.MaxValue);
    }

    [Fact]
    public void A_closed_connection_leaves_nothing_in_the_tables_of_its_endpoint()
    {
        using var pair = new SimulatedPair().Connect();
        Assert.True(pair.Network.Server.TableSize > 0);
        pair.Client.Close(0, "done", pair.Network.Now);
        pair.Network.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(ConnectionState.Closed, pair.Server!.State);
        Assert.Equal(0, pair.Network.Client.TableSize);
        Assert.Equal(0, pair.Network.Server.TableSize);
        Assert.Equal(0, pair.Network.Server.ConnectionCount);
    }
}
