using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coco.ControlPlane.Client.Contracts;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Api;

/// <summary>Answers of what went wrong, all of one form: RFC 9457, with nothing of the inside in them.</summary>
internal static partial class Problems
{
    public const string ContentType = "application/problem+json";

    // All but what shows at the client's end alone.
    private static readonly Dictionary<ProblemCode, (int Status, string Title)> Known = new()
    {
        [ProblemCode.Malformed] = (400, "The request cannot be read"),
        [ProblemCode.Invalid] = (400, "A value is out of bounds"),
        [ProblemCode.Unauthenticated] = (401, "A valid token is needed"),
        [ProblemCode.PlanExceeded] = (402, "The plan does not include this"),
        [ProblemCode.Forbidden] = (403, "Not allowed"),
        [ProblemCode.InsufficientScope] = (403, "The token lacks a scope"),
        [ProblemCode.NotFound] = (404, "Not found"),
        [ProblemCode.MethodNotAllowed] = (405, "The method is none of this path's"),
        [ProblemCode.Conflict] = (409, "In conflict with what is there"),
        [ProblemCode.Gone] = (410, "It is over"),
        [ProblemCode.VersionMismatch] = (412, "It has changed meanwhile"),
        [ProblemCode.TooLarge] = (413, "Too large"),
        [ProblemCode.UnsupportedMediaType] = (415, "Only application/json is read"),
        [ProblemCode.StatementMissing] = (422, "A signed statement is needed"),
        [ProblemCode.StatementRefused] = (422, "The signed statement is refused"),
        [ProblemCode.IdempotencyKeyReused] = (422, "The idempotency key belongs to another request"),
        [ProblemCode.VersionMissing] = (428, "If-Match is needed"),
        [ProblemCode.TooManyRequests] = (429, "Too many requests"),
        [ProblemCode.Internal] = (500, "A fault of the control plane"),
        [ProblemCode.Unavailable] = (503, "Not available for now"),
        [ProblemCode.StorageFull] = (507, "No room left"),
    };

    /// <summary>Whether it is a problem of requests.</summary>
    public static bool IsAnswered(ProblemCode code) => Known.ContainsKey(code);

    public static int StatusOf(ProblemCode code) => Known[code].Status;

    /// <summary>What a status says, of all problems that have it.</summary>
    public static string TitleOf(int status) => string.Join("; or: ", Known.Values.Where(problem => problem.Status == status).Select(static problem => problem.Title));

    /// <summary>How a problem is called in an answer, <c>urn:coco:problem:statement-missing</c> for example.</summary>
    public static string TypeOf(ProblemCode code) => "urn:coco:problem:" + Humps().Replace(code.ToString(), "-${hump}").ToLowerInvariant();

    public static async Task WriteAsync(HttpContext context, ProblemCode code, string detail, TimeSpan? retryAfter = null)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        var (status, title) = Known[code];
        var allow = status == 405 ? context.Response.Headers.Allow : default; // RFC 9110 §15.5.6: which methods there are
        context.Response.Clear();
        if (allow.Count > 0) { context.Response.Headers.Allow = allow; }
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.Headers.CacheControl = "no-store";
        if (status == 401) { context.Response.Headers.WWWAuthenticate = "Bearer"; } // RFC 6750 §3
        if (retryAfter is { } wait) { context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture); }
        var problem = new Problem(TypeOf(code), title, status, detail, context.TraceIdentifier);
        await JsonSerializer.SerializeAsync(context.Response.Body, problem, ApiJson.Options, context.RequestAborted);
    }

    /// <summary>Which problem an exception is; null for a fault of this program.</summary>
    public static (ProblemCode Code, string Detail, TimeSpan? RetryAfter)? Of(Exception exception) => exception switch
    {
        ApiException known => (known.Code, known.Message, known.RetryAfter),
        BadHttpRequestException { StatusCode: 413 } => (ProblemCode.TooLarge, "The request has more bytes than are taken.", null),
        BadHttpRequestException { StatusCode: 415 } => (ProblemCode.UnsupportedMediaType, "Send the body as application/json.", null),
        BadHttpRequestException { InnerException: JsonException json } => (ProblemCode.Malformed, Describe(json), null),
        BadHttpRequestException => (ProblemCode.Malformed, "A part of the request is missing or cannot be read.", null),
        JsonException json => (ProblemCode.Malformed, Describe(json), null),
        StorageException { IsFull: true } => (ProblemCode.StorageFull, "The database's disk is full. Nothing was changed.", TimeSpan.FromSeconds(30)),
        TextException text => (ProblemCode.Malformed, text.Message, null),
        System.Data.Common.DbException { SqlState: "22021" } => (ProblemCode.Malformed, "A text has a character that no text has.", null), // what else PostgreSQL takes for none
        System.Data.Common.DbException or TimeoutException => (ProblemCode.Unavailable, "The database does not answer. Nothing is known to be changed; try again.", TimeSpan.FromSeconds(2)),
        _ => null,
    };

    // The message of the parser would show names of types.
    private static string Describe(JsonException json) => json.Path is { Length: > 1 } path && path.Length < 200
        ? $"The JSON has something unexpected at {path}."
        : "The body is no JSON of the expected form.";

    [GeneratedRegex("(?<!^)(?<hump>[A-Z])", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Humps();
}
