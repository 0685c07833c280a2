namespace Coco.ControlPlane.OAuth;

/// <summary>A request of an app that gets an error of OAuth as its answer (RFC 6749 §5.2, §4.1.2.1).</summary>
internal sealed class OAuthException(string error, string description) : Exception(description)
{
    public string Error { get; } = error;

    public static OAuthException InvalidRequest(string description) => new("invalid_request", description);

    public static OAuthException InvalidGrant(string description) => new("invalid_grant", description);

    public static OAuthException InvalidClient(string description) => new("invalid_client", description);
}
