using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

public sealed class ByteStreamWindowTests
{
    private const int Packet = 8192;
    private const long Floor = 512 << 10;

    private readonly ByteStreamWindow _window = new(Packet);
    private RttEstimator _rtt;
    private long _now = TimeSpan.TicksPerSecond;

    [Fact]
    public void It_begins_at_its_floor_and_grows_with_what_the_stream_delivers_in_its_least_round_trip()
    {
        Assert.Equal(Floor, _window.Window);
        for (var i = 0; i < 12; i++) { Round(1_000_000, TimeSpan.FromMilliseconds(100)); }

        Assert.InRange(_window.Window, Floor + 1_900_000, Floor + 2_100_000);
    }

    [Fact]
    public void A_queue_in_the_stream_does_not_widen_it()
    {
        for (var i = 0; i < 4; i++) { Round(1_000_000, TimeSpan.FromMilliseconds(100)); }
        var before = _window.Window;
        for (var i = 0; i < 40; i++) { Round(4_000_000, TimeSpan.FromMilliseconds(400)); } // the same rate

        Assert.InRange(_window.Window, before * 0.9, before * 1.1);
    }

    [Fact]
    public void Loss_is_no_congestion()
    {
        for (var i = 0; i < 4; i++) { Round(1_000_000, TimeSpan.FromMilliseconds(100)); }
        var before = _window.Window;
        _window.OnSent(Packet, _now);
        var batch = new AckBatch(_window, _now + 1);
        batch.AddLost(Packet, _now);
        _window.OnAckBatch(batch, _rtt);
        _window.OnPersistentCongestion();

        Assert.Equal((before, 0), (_window.Window, _window.BytesInFlight));
    }

    [Fact]
    public void A_stream_that_became_slower_is_believed_after_a_while_and_little_to_send_shows_nothing()
    {
        for (var i = 0; i < 4; i++) { Round(1_000_000, TimeSpan.FromMilliseconds(100)); }
        var before = _window.Window;
        for (var i = 0; i < 100; i++) { Round(10_000, TimeSpan.FromMilliseconds(100), isAppLimited: true); }
        Assert.Equal(before, _window.Window);
        for (var i = 0; i < 40; i++) { Round(100_000, TimeSpan.FromMilliseconds(100)); }
        Assert.InRange(_window.Window, Floor + 190_000, Floor + 210_000);
    }

    private void Round(int bytes, TimeSpan takes, bool isAppLimited = false)
    {
        var sent = _now;
        for (var left = bytes; left > 0; left -= Packet) { _window.OnSent(Math.Min(left, Packet), sent); }
        if (isAppLimited) { _window.OnAppLimited(); }
        _now += takes.Ticks;
        _rtt.Update(takes.Ticks, 0, handshakeConfirmed: true, 0);
        var batch = new AckBatch(_window, _now);
        for (var left = bytes; left > 0; left -= Packet) { batch.AddAcked(Math.Min(left, Packet), sent); }
        _window.OnAckBatch(batch, _rtt);
    }
}
