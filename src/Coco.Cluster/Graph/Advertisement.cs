using Coco.Crypto;

namespace Coco.Cluster.Graph;

/// <summary>
/// What one node says, signed, of its links within one scope. The newest sequence number wins; a link counts only when both ends advertise
/// it. Immutable, so that all nodes of a process can share one.
/// </summary>
internal sealed partial class Advertisement
{
    /// <summary>Links one advertisement may have.</summary>
    public const int MaxLinks = 64;

    /// <summary>
    /// No honest node comes near: it would take two thousand years of an advertisement each microsecond. So nobody can be told a sequence
    /// number after which there is none.
    /// </summary>
    public const ulong MaxSequence = (1UL << 56) - 1;

    /// <summary>Longest lifetime, a week in seconds.</summary>
    public const uint MaxLifetime = 7 * 24 * 3600;

    private readonly byte[] _encoded;
    private readonly ushort _linksAt;

    private Advertisement(byte[] encoded, in Header header)
    {
        _encoded = encoded;
        _linksAt = (ushort)header.LinksAt;
        LinkCount = (byte)header.LinkCount;
        (Node, Scope, Sequence, Flags, LifetimeSeconds) = (header.Node, header.Scope, header.Sequence, header.Flags, header.Lifetime);
        Hash = AdvertisementHash.Of(encoded);
    }

    public NodeId Node { get; }

    public NodeTag Tag => NodeTag.Of(Node);

    public ScopeId Scope { get; }

    public ulong Sequence { get; }

    public AdvertisementFlags Flags { get; }

    /// <summary>How long others remember the node once they cannot reach it any more.</summary>
    public uint LifetimeSeconds { get; }

    public byte LinkCount { get; }

    public AdvertisementHash Hash { get; }

    /// <summary>The signed bytes, as they travel.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    private ReadOnlySpan<byte> Links => _encoded.AsSpan(_linksAt, LinkCount * AdvertisedLink.Size);

    public NodeClass Class => (NodeClass)(((int)Flags >> 4) & 3);

    public bool Has(AdvertisementFlags flag) => (Flags & flag) != 0;

    /// <summary>Whether this replaces what has the given sequence number and check: later, or, of two made under one number, the greater.</summary>
    public bool IsNewerThan(ulong sequence, uint check) => Sequence != sequence ? Sequence > sequence : Hash.Check > check;

    /// <summary>Whether flags and links are those of another.</summary>
    public bool SaysTheSame(Advertisement other) => Flags == other.Flags && Links.SequenceEqual(other.Links);

    public override string ToString() => $"advertisement {Sequence} of {Node} in {Scope}";
}
