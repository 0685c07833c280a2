namespace Coco.Interop.Tests.Network;

/// <summary>What a <see cref="UdpShim"/> does to datagrams, in both directions alike.</summary>
internal sealed record ShimRules
{
    public int Seed { get; init; } = 1;

    /// <summary>Share of datagrams lost.</summary>
    public double Loss { get; init; }

    /// <summary>Share of datagrams in which one bit is flipped.</summary>
    public double Corruption { get; init; }

    /// <summary>Time from one end to the other.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Datagrams to lose, by direction and by number, the first being 1.</summary>
    public Func<bool, long, bool>? DropIf { get; init; }

    /// <summary>Whether to keep the size of each datagram.</summary>
    public bool KeepSizes { get; init; }
}
