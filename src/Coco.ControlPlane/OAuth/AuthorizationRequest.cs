using System.Buffers.Text;
using System.Text.Json;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Pages;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.OAuth;

/// <summary>
/// What an app asked for, once it was found to be in order. It travels through the pages sealed, as a ticket: nothing of it can be changed on the
/// way, and nobody's request takes room here.
/// </summary>
internal sealed record AuthorizationRequest(string AppId, string RedirectUri, IReadOnlyList<string> Scopes, string CodeChallenge, DateTimeOffset Asked)
{
    private const string Purpose = "authorization requests";

    // It is no text of a page: what HTML would obey takes one byte and not six.
    private static readonly JsonSerializerOptions Short = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // How long a person may take to sign in, with a look into the mail.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    public string? State { get; init; }

    public string? Nonce { get; init; }

    /// <summary>What of <c>none</c>, <c>login</c> and <c>consent</c> was asked (OpenID Connect Core §3.1.2.1).</summary>
    public IReadOnlyList<string> Prompt { get; init; } = [];

    /// <summary>How old the sign-in may be in seconds; null for any age.</summary>
    public long? MaxAge { get; init; }

    /// <summary>Makes a ticket of it.</summary>
    /// <exception cref="OAuthException">It would be longer than the pages take from each other.</exception>
    public string Seal(ServerSecret secret)
    {
        var ticket = Base64Url.EncodeToString(secret.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(this, Short)));
        return ticket.Length <= FormValues.MaxLength ? ticket : throw OAuthException.InvalidRequest("state and nonce are too long together; visible ASCII (RFC 6749 appendix A.5) always fits.");
    }

    /// <summary>Opens a ticket.</summary>
    /// <returns>Null for what is no ticket, or too old.</returns>
    public static AuthorizationRequest? Open(ServerSecret secret, string ticket, DateTimeOffset now)
    {
        if (ticket.Length is 0 or > FormValues.MaxLength || !Base64Url.IsValid(ticket)) { return null; }
        try
        {
            var request = JsonSerializer.Deserialize<AuthorizationRequest>(secret.Open(Purpose, Base64Url.DecodeFromChars(ticket)));
            return request is not null && !Lifespan.IsOver(request.Asked + Lifetime, Lifetime, now) ? request : null;
        }
        catch (StorageException)
        {
            return null;
        }
    }
}
