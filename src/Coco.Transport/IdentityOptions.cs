using Coco.Traversal.Relays;

namespace Coco.Transport;

/// <summary>How one identity of an endpoint's is reached.</summary>
public sealed record IdentityOptions
{
    /// <summary>Relays of which it stays connected to two, so that peers reach it where they cannot reach it directly; none when empty. Default
    /// null: those of <see cref="TransportOptions.Relays"/>.</summary>
    public IReadOnlyList<RelayInfo>? Relays { get; init; }
}
