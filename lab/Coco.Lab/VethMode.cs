namespace Coco.Lab;

/// <summary>How packets cross a <see cref="VethPair"/>.</summary>
public enum VethMode
{
    /// <summary>Linux's default for veth: batches cross whole, as between two containers of one machine.</summary>
    Offloaded,

    /// <summary>As on a wire: every packet is cut to its size and crosses alone; the receiver may join what came together (GRO).</summary>
    Segmented,

    /// <summary>As on a wire, and the receiver joins nothing.</summary>
    Plain,
}
