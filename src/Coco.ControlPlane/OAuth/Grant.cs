using System.Collections.Immutable;
using Coco.ControlPlane.Accounts;

namespace Coco.ControlPlane.OAuth;

/// <summary>What an app gets for a grant, or what it is told. A refusal is returned and not thrown: what it takes back has to be committed.</summary>
internal sealed record Grant(string AccessToken, ImmutableArray<string> Scopes)
{
    public string? RefreshToken { get; init; }

    /// <summary>The person; null where the app acts for itself.</summary>
    public Account? Account { get; init; }

    public string? Nonce { get; init; }

    public DateTimeOffset SignedIn { get; init; }

    public OAuthException? Refusal { get; init; }

    public static Grant Refused(string description) => new("", []) { Refusal = OAuthException.InvalidGrant(description) };
}
