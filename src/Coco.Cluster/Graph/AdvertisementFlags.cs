namespace Coco.Cluster.Graph;

/// <summary>What a node says of itself in an advertisement. Bits we do not know are kept and mean nothing to us.</summary>
[Flags]
internal enum AdvertisementFlags : ushort
{
    None = 0,

    /// <summary>Belongs to the core.</summary>
    Core = 1,

    /// <summary>Passes datagrams on for others.</summary>
    Forwards = 2,

    /// <summary>Behind a NAT that maps each destination differently: two such nodes do not try to reach each other.</summary>
    HardNat = 4,

    /// <summary>Goes away on purpose: nobody needs to look for it.</summary>
    Leaving = 8,

    /// <summary>Two bits: a <see cref="NodeClass"/>.</summary>
    ClassLow = 16,

    /// <summary>The other of the two bits.</summary>
    ClassHigh = 32,
}
