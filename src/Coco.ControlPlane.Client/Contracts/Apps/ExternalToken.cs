namespace Coco.ControlPlane.Client.Contracts.Apps;

/// <summary>A token for one of a developer's own users.</summary>
/// <param name="Token">What that user sends as <c>Authorization: Bearer</c>. It is shown this once.</param>
/// <param name="Expires">When it ends.</param>
public sealed record ExternalToken(string Token, DateTimeOffset Expires)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(ExternalToken);
}
