using Coco.Quic.Connections;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>Paths that are gone when only the peer could help with another, DESIGN.md "Paths and migration".</summary>
public sealed class LostPathTests
{
    private const int Lost = 1, New = 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Path_lost_before_the_handshake_is_confirmed_is_replaced(bool hasServerFinished)
    {
        using var pair = new SimulatedPair();
        var isLost = false;
        pair.Network.Filter = (_, path, _) => path.Value != Lost || !isLost;
        Assert.True(pair.Network.RunUntil(() => pair.Client.State is ConnectionState.Connected));
        if (hasServerFinished)
        {
            pair.Network.Filter = (side, path, _) => path.Value != Lost || (side == 0 && !isLost);
            pair.Network.RunFor(TimeSpan.FromMilliseconds(200));
        }
        isLost = true;
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        Assert.False(pair.Client.MayMigrate);

        Assert.True(pair.Client.TryReplacePath(pair.Network.Path(New), pair.Network.Now));
        var start = pair.Network.Now;
        pair.Connect();
        Assert.InRange(pair.Network.Now - start, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        pair.Transfer(pair.Server!, pair.Client, 100_000);
        pair.Transfer(pair.Client, pair.Server!, 100_000);
        Assert.Equal((New, New), (pair.Client.ActivePath.Value, pair.Server!.ActivePath.Value));
    }

    [Fact]
    public void Path_is_not_replaced_once_the_client_may_migrate()
    {
        using var pair = new SimulatedPair().Connect();
        Assert.False(pair.Client.TryReplacePath(pair.Network.Path(New), pair.Network.Now));
        Assert.False(pair.Server!.TryReplacePath(pair.Network.Path(New), pair.Network.Now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Path_lost_when_no_spare_connection_id_is_left_is_left_with_the_last_one(bool isClient)
    {
        using var pair = new SimulatedPair().Connect();
        pair.Network.RunFor(TimeSpan.FromSeconds(1));
        var mover = isClient ? pair.Client : pair.Server!;
        pair.Network.Filter = static (_, path, _) => path.Value == 9; // none but the last of those tried gets through
        var number = New;
        while (mover.TryProbePath(pair.Network.Path(number), pair.Network.Now)) { Assert.True(mover.TryRemovePath(new(number++)), $"{number}"); }

        Assert.InRange(number, 3, 8);
        Assert.True(mover.TryProbePathWithoutSpare(pair.Network.Path(9), pair.Network.Now));
        Assert.True(pair.Network.RunUntil(() => mover.TrySwitchPath(new(9), pair.Network.Now, abandonOld: true), TimeSpan.FromSeconds(2)));
        pair.Transfer(pair.Server!, pair.Client, 100_000, TimeSpan.FromSeconds(5));
        pair.Transfer(pair.Client, pair.Server!, 100_000, TimeSpan.FromSeconds(5));
        Assert.Equal((9, 9), (pair.Client.ActivePath.Value, pair.Server!.ActivePath.Value));
        Assert.True(pair.Network.RunUntil(() => mover.TryProbePath(pair.Network.Path(10), pair.Network.Now), TimeSpan.FromSeconds(1)), "no new connection IDs have come");
    }
}
