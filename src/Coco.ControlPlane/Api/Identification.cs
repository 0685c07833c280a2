using Coco.ControlPlane.Apps;

namespace Coco.ControlPlane.Api;

/// <summary>Finds out who makes a request. Only by the Authorization header (RFC 6750 §2.1): cookies would let other sites act for who is signed in.</summary>
internal sealed class Identification(RequestDelegate next, ITokenReader tokens, TokenGuesses guesses, Subjects subjects)
{
    private const string Scheme = "Bearer ";
    private const int MaxToken = 4096;

    public async Task InvokeAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count > 1) { throw new ApiException(ProblemCode.Malformed, "There is more than one Authorization header."); }
        var text = header.ToString();
        if (context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is not null && text.Length > 0)
        {
            context.Features.Set(await ReadAsync(context, text));
        }
        await next(context);
    }

    private async Task<Caller> ReadAsync(HttpContext context, string text)
    {
        var address = Rates.AddressOf(context);
        if (guesses.WaitOf(address, text) is { } wait) { throw new ApiException(ProblemCode.TooManyRequests, "Too many tokens from this address did not hold. Wait as long as Retry-After says.") { RetryAfter = wait }; }
        var caller = text.Length <= MaxToken && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? await tokens.ReadAsync(text[Scheme.Length..], context.RequestAborted) : null;
        if (caller is not null)
        {
            guesses.Held(text);
            return caller is { AppId: { } app, ExternalUserId: { } user } ? caller with { ExternalMark = subjects.MarkOf(app, user) } : caller;
        }
        guesses.Failed(address, text);
        // A token that does not hold is an error even where none is needed: its owner should hear of it.
        throw new ApiException(ProblemCode.Unauthenticated, "The token is unknown, expired or taken back.");
    }
}
