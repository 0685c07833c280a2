namespace Coco.Lab.Kernel;

/// <summary>How well a line carries packets; "up" is away from the subscriber. The default is a perfect line.</summary>
public sealed record LineConditions
{
    /// <summary>Largest IP packet at both ends, in bytes; routers answer "too big" beyond it.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Share of UDP and TCP packets that vanish on their way up, from 0 to 1.</summary>
    public double LossUp { get; init; }

    /// <summary>Share of UDP and TCP packets that vanish on their way down, from 0 to 1.</summary>
    public double LossDown { get; init; }

    /// <summary>IP packets longer than this, in bytes, vanish both ways and nobody says so.</summary>
    public int? LargestCarried { get; init; }

    /// <summary>Kilobits a second up; null for as fast as the machine can.</summary>
    public int? RateUp { get; init; }

    /// <summary>Kilobits a second down; null for as fast as the machine can.</summary>
    public int? RateDown { get; init; }

    /// <summary>How much a line with a rate buffers, as the time a packet waits at most.</summary>
    public TimeSpan Buffer { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// How long packets are on their way, in each direction; null where that is not wanted. Only for a line to the internet itself that was
    /// laid with one, if only of zero: it is another kind of cable. Exact to a millisecond mostly, but not always: allow for 5 ms and a tenth.
    /// </summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>How much longer packets may take, in each direction; they stay in order. Needs a <see cref="Delay"/>.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Share of packets that take half the delay and so pass others, from 0 to 1. Needs a <see cref="Delay"/>.</summary>
    public double Reordered { get; init; }

    /// <summary>Share of packets that arrive twice, from 0 to 1. Needs a <see cref="Delay"/>.</summary>
    public double Duplicated { get; init; }

    internal bool DropsPackets => LossUp > 0 || LossDown > 0 || LargestCarried is not null;
}
