namespace Coco.Traversal.Links;

/// <summary>One way to a peer: directly over a link, or through a relay's session on a link to the relay, or
/// through a session with a neighbour.</summary>
/// <param name="Link">The link to the peer or to the relay.</param>
/// <param name="Session">The relay's number for this pair of peers on this link; 0 for a direct way.</param>
public readonly record struct PathAddress(Link Link, ulong Session = 0)
{
    /// <summary>Whether a relay stands between.</summary>
    public bool IsRelayed => Session != 0;

    /// <summary>Whether the one between is a neighbour of ours in the mesh.</summary>
    public bool IsMesh => Link.Kind is LinkKind.Hop;

    /// <inheritdoc/>
    public override string ToString() => IsMesh ? $"mesh by neighbour {Link.Number}" : IsRelayed ? $"relay {Link}" : $"{Link}";
}
