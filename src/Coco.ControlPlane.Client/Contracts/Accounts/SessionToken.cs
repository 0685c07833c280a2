namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>A session that just began.</summary>
/// <param name="Id">Its name, by which it can be ended.</param>
/// <param name="Token">What to send as <c>Authorization: Bearer</c>. It is shown this once.</param>
/// <param name="Account">Who signed in.</param>
/// <param name="Expires">When it ends by itself.</param>
public sealed record SessionToken(string Id, string Token, string Account, DateTimeOffset Expires)
{
    /// <summary>Its name alone: texts end in logs.</summary>
    public override string ToString() => $"{nameof(SessionToken)}({Id})";
}
