namespace Coco.Cluster.Graph;

/// <summary>
/// Verified advertisements, shared by the nodes of one loop: each signature is verified once in a process, and kept once. Bounded by two
/// generations: when the younger is full, the elder is forgotten.
/// </summary>
internal sealed class AdvertisementPool(int capacity = AdvertisementPool.DefaultCapacity)
{
    public const int DefaultCapacity = 256;

    private Dictionary<AdvertisementHash, Advertisement> _young = [];
    private Dictionary<AdvertisementHash, Advertisement> _old = [];

    /// <summary>Signatures verified so far.</summary>
    public long Verified { get; private set; }

    /// <summary>Advertisements that were known already.</summary>
    public long Shared { get; private set; }

    /// <summary>What the nodes of one loop compute with, one after the other.</summary>
    public RouteScratch Scratch { get; } = new();

    /// <summary>Returns the advertisement with these bytes, from memory or after verifying it; null when the signature is wrong.</summary>
    public Advertisement? Get(ReadOnlySpan<byte> bytes, in Advertisement.Header header, IAdvertisementSeal seal)
    {
        var hash = AdvertisementHash.Of(bytes);
        if (_young.TryGetValue(hash, out var known) || _old.TryGetValue(hash, out known))
        {
            Shared++;
            return known;
        }
        Verified++;
        var advertisement = Advertisement.Verified(bytes, header, seal);
        if (advertisement is not null) { Add(advertisement); }
        return advertisement;
    }

    /// <summary>Remembers one made here.</summary>
    public void Add(Advertisement advertisement)
    {
        if (_young.Count * 2 >= capacity)
        {
            (_young, _old) = (_old, _young);
            _young.Clear();
        }
        _young[advertisement.Hash] = advertisement;
    }
}
