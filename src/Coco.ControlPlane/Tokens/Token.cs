using System.Collections.Immutable;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tokens;

/// <summary>A token as it is stored: all but the secret.</summary>
internal sealed record Token(string Id, TokenKind Kind, string? AccountId, string? AppId, string? ExternalUser, ImmutableHashSet<string> Scopes, DateTimeOffset Created, DateTimeOffset Expires)
{
    /// <summary>The sign-in that it goes back to: all tokens that were made from it are taken back together.</summary>
    public string? Family { get; init; }

    /// <summary>When the person signed in from whose agreement it comes; null where nobody did.</summary>
    public DateTimeOffset? SignedIn { get; init; }

    /// <summary>When it was taken back; null while it holds.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>Whether it is good now. One that says that it was made later than now is of a clock that was ahead, and would last as much longer: it is
    /// good when its time has come, as with <c>nbf</c> (RFC 7519 §4.1.5).</summary>
    public bool Holds(DateTimeOffset now) => Revoked is null && now < Expires && !Lifespan.IsAhead(Created, now);
}
