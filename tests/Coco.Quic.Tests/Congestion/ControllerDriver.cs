using Coco.Quic.Congestion;

namespace Coco.Quic.Tests.Congestion;

/// <summary>Feeds a controller packets of 1000 bytes over a path with a constant round trip.</summary>
internal sealed class ControllerDriver(CongestionController controller, double rttMs)
{
    public const int PacketSize = 1000;

    private readonly long _rtt = (long)(rttMs * TimeSpan.TicksPerMillisecond);

    public long Now { get; private set; }

    public RttEstimator Rtt { get; } = MakeRtt((long)(rttMs * TimeSpan.TicksPerMillisecond));

    /// <summary>One round trip in which the whole window is sent, then acknowledged in batches of ten packets.</summary>
    public void RunRound()
    {
        var packets = Send(long.MaxValue);
        var sentTime = Now;
        Now += _rtt;
        for (; packets > 0; packets -= 10)
        {
            Ack(Math.Min(packets, 10), sentTime);
        }
    }

    /// <summary>Sends what the window allows, at most <paramref name="most"/> packets.</summary>
    public long Send(long most)
    {
        var sent = 0L;
        for (; sent < most && controller.CanSend(PacketSize); sent++)
        {
            controller.OnSent(PacketSize, Now);
        }

        return sent;
    }

    public void Ack(long packets, long sentTime, bool congestionExperienced = false)
    {
        var batch = new AckBatch(controller, Now) { CongestionExperienced = congestionExperienced };
        for (var i = 0; i < packets; i++)
        {
            batch.AddAcked(PacketSize, sentTime);
        }

        controller.OnAckBatch(batch, Rtt);
    }

    public void Lose(long packets, long sentTime)
    {
        var batch = new AckBatch(controller, Now);
        for (var i = 0; i < packets; i++)
        {
            batch.AddLost(PacketSize, sentTime);
        }

        controller.OnAckBatch(batch, Rtt);
    }

    public void Wait(TimeSpan time) => Now += time.Ticks;

    private static RttEstimator MakeRtt(long ticks)
    {
        var rtt = default(RttEstimator);
        rtt.Update(ticks, 0, handshakeConfirmed: false, 0);
        return rtt;
    }
}
