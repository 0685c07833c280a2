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
