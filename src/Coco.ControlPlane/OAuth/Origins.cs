using System.Collections.Concurrent;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.OAuth;

/// <summary>Lets browsers show answers to pages of single-page apps that are registered (CORS), at the few endpoints of OAuth that these need and in the API. Never with
/// cookies, which neither looks at.</summary>
internal sealed class Origins(Database database, TimeProvider time)
{
    private const int MaxOrigin = 512;
    private const int MaxKnown = 10_000; // chosen: a megabyte; then begun anew

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    // Origins that were registered when they were last looked for. Of others nothing is remembered, as there is no end of them.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _known = new(StringComparer.Ordinal);

    /// <summary>Adds the headers, and answers a browser's question in advance.</summary>
    /// <returns>Whether the request was such a question and is answered.</returns>
    public async Task<bool> ApplyAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.Vary = "Origin";
        if (OriginOf(context) is { } origin && await LookAsync(origin, context.RequestAborted))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowMethods = "GET, POST";
            headers.AccessControlAllowHeaders = "Authorization, Content-Type";
            headers.AccessControlMaxAge = "600";
        }
        if (!HttpMethods.IsOptions(context.Request.Method)) { return false; }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    /// <summary>Where the page comes from that asks; null where none does.</summary>
    public static string? OriginOf(HttpContext context) => context.Request.Headers.Origin is [{ Length: > 0 and <= MaxOrigin } origin] ? origin : null;

    /// <summary>Whether pages of this origin may see answers, as it was a minute ago at most.</summary>
    /// <param name="origin">The origin.</param>
    /// <param name="mayLook">Whether the database may be asked.</param>
    /// <param name="cancellationToken">Ends that.</param>
    public async ValueTask<bool> IsRegisteredAsync(string origin, bool mayLook, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(origin, out var seen) && (now - seen).Duration() < Memory) { return true; }
        if (!mayLook || !await LookAsync(origin, cancellationToken)) { return false; }
        if (_known.Count >= MaxKnown) { _known.Clear(); }
        _known[origin] = now;
        return true;
    }

    private Task<bool> LookAsync(string origin, CancellationToken cancellationToken) =>
        database.ReadAsync(session => session.AnyAsync($"SELECT 1 FROM app_origins WHERE origin = {origin}"), cancellationToken);
}
