namespace Coco.Traversal.Finding;

/// <summary>Which ways to a peer may be used.</summary>
public sealed record PathPolicy
{
    /// <summary>Everything allowed.</summary>
    public static PathPolicy Default { get; } = new();

    /// <summary>A relay only makes the acquaintance: it is never the standby, and never gone back to. Default: false.</summary>
    public bool DirectOnly { get; init; }

    /// <summary>No addresses are told and no probes sent or answered: the peer never learns where this node is. Default: false.</summary>
    public bool RelayOnly { get; init; }

    /// <summary>Addresses of local networks are neither told nor tried. Default: false.</summary>
    public bool NoLan { get; init; }

    /// <summary>Names of the interfaces whose addresses may be told. Default: empty, all.</summary>
    public IReadOnlyList<string> AllowedInterfaces { get; init; } = [];

    /// <summary>Ranges in which a direct path's remote address, and an own address that is told, must lie. Default: empty, all.</summary>
    public IReadOnlyList<AddressPrefix> AllowedPrefixes { get; init; } = [];

    /// <summary>Most addresses told to a peer, and taken from one. From 1 to 32, default 32.</summary>
    public int MaxCandidates { get; init => field = Guard.InRange(value, 1, 32); } = 32;

    /// <summary>Most interfaces looked at. From 1 to 64, default 64.</summary>
    public int MaxInterfaces { get; init => field = Guard.InRange(value, 1, 64); } = 64;

    internal bool Allows(in NetworkAddress address)
    {
        if (NoLan && address.IsPrivate) { return false; }
        if (AllowedPrefixes.Count == 0) { return true; }
        foreach (var prefix in AllowedPrefixes)
        {
            if (prefix.Contains(address)) { return true; }
        }
        return false;
    }

    internal bool AllowsInterface(string name) => AllowedInterfaces.Count == 0 || name.Length == 0 || AllowedInterfaces.Contains(name, StringComparer.Ordinal);
}
