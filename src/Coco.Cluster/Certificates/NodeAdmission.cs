using System.Collections.Immutable;
using Coco.Crypto;

namespace Coco.Cluster.Certificates;

/// <summary>What a certificate says of a node.</summary>
internal sealed record NodeAdmission
{
    public required NetworkId Network { get; init; }

    public required NodeId Node { get; init; }

    /// <summary>The name the node was given, 1 to 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>Whose node it is.</summary>
    public required UserId User { get; init; }

    /// <summary>The app it runs; none for a device.</summary>
    public AppId App { get; init; }

    public bool IsDevice => App.IsDefault;

    /// <summary>Whether it speaks for nodes that cannot.</summary>
    public bool IsGateway { get; init; }

    public required SubClusterId SubCluster { get; init; }

    public NodeClass Class { get; init; } = NodeClass.Stationary;

    /// <summary>Labels that policies name, at most 16.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>In seconds since 1970 UTC, by the issuer's clock.</summary>
    public ulong Issued { get; init; }

    /// <summary>In seconds since 1970 UTC; 0 for never.</summary>
    public ulong Expires { get; init; }

    public ulong Serial { get; init; }

    /// <summary>The user's signature of the node, from <see cref="NodeCertificate.Consent"/>.</summary>
    public required ReadOnlyMemory<byte> Consent { get; init; }
}
