using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Api;

/// <summary>
/// Runs what an operation changes. With an <c>Idempotency-Key</c> the answer is stored in the same transaction as the change, so that whoever
/// repeats the request, for whatever reason, gets that answer and changes nothing: not after a crash either.
/// </summary>
internal sealed class ApiWriter(Database database, ServerSecret secret, IHttpContextAccessor accessor, TimeProvider time)
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(24);

    /// <summary>Characters of a key at most.</summary>
    public const int MaxKey = 255;

    // Answers may hold what is shown once, such as an app's secret: they rest sealed.
    private const string Purpose = "idempotent answers";
    private const string HashPurpose = "idempotent requests";

    /// <param name="work">The change.</param>
    /// <param name="lane">What it has in common with those that it would meet (<see cref="Database.WriteInLaneAsync{T}"/>); null where it meets few.</param>
    public async Task<IResult> WriteAsync(Func<Session, Task<Answer>> work, string? lane = null)
    {
        var context = accessor.HttpContext ?? throw new InvalidOperationException("Outside of a request.");
        if (!context.Request.Headers.TryGetValue("Idempotency-Key", out var header))
        {
            return new AnswerResult(await WriteAsync(session => WriteAsync(session, context, work), lane, context.RequestAborted));
        }
        var key = header.ToString();
        if (key.Length is 0 or > MaxKey || key.Any(character => character is < '!' or > '~'))
        {
            throw new ApiException(ProblemCode.Invalid, $"Idempotency-Key has 1 to {MaxKey} visible ASCII characters.");
        }
        var hash = await HashAsync(context.Request, secret.Derive(HashPurpose));
        var one = Caller.Of(context);
        // Of those without a token nobody knows who is who: what one of them asked is that one's by what was asked, and no other's key is in the way.
        var caller = one.Kind is CallerKind.Anonymous ? $"{one.Name}:{hash}" : one.Name;
        while (true)
        {
            if (await FindAsync(caller, key, hash, context.RequestAborted) is { } before) { return new AnswerResult(before); }
            try
            {
                return new AnswerResult(await WriteAsync(session => WriteOnceAsync(session, caller, key, hash, writing => WriteAsync(writing, context, work)), lane, context.RequestAborted));
            }
            catch (DbException exception) when (database.IsDuplicate(exception, "idempotency_keys"))
            {
                // The same request was done meanwhile: its answer is there.
            }
            catch (ApiException)
            {
                // What it is refused for may be what the same request did meanwhile.
                if (await FindAsync(caller, key, hash, context.RequestAborted) is { } done) { return new AnswerResult(done); }
                throw;
            }
        }
    }

    private Task<Answer> WriteAsync(Func<Session, Task<Answer>> work, string? lane, CancellationToken cancellationToken) =>
        lane is null ? database.WriteAsync(work, cancellationToken) : database.WriteInLaneAsync(lane, work, cancellationToken);

    // Who did what to what, in the transaction of the change.
    private async Task<Answer> WriteAsync(Session session, HttpContext context, Func<Session, Task<Answer>> work)
    {
        var answer = await work(session);
        if (!answer.IsOfBefore && context.GetEndpoint()?.Metadata.GetMetadata<Operation>() is { } operation)
        {
            var subject = string.Join(' ', context.Request.RouteValues.Select(pair => $"{pair.Key}={pair.Value}"));
            session.ExecuteLater(
                $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({Identifiers.New("evt")}, {time.GetUtcNow()}, {Caller.Of(context).Name}, {operation.Id}, {answer.Location ?? subject})");
        }
        return answer;
    }

    // Outside of the change's transaction: one that looks for a key that is not there meets everybody who adds one beside it.
    private async Task<Answer?> FindAsync(string caller, string key, string hash, CancellationToken cancellationToken)
    {
        var (known, answer) = await database.ReadAsync(
            session => session.FirstAsync(
                $"SELECT request_hash, status, headers, body FROM idempotency_keys WHERE caller = {caller} AND key = {key}", row => (Hash: row.Text("request_hash"), Answer: Stored(row))),
            cancellationToken);
        if (known is null) { return null; }
        return known == hash ? answer : throw new ApiException(ProblemCode.IdempotencyKeyReused, "This key came with another request before. Take a new one.");
    }

    private async Task<Answer> WriteOnceAsync(Session session, string caller, string key, string hash, Func<Session, Task<Answer>> work)
    {
        var answer = await work(session);
        var body = answer.Value is null ? null : secret.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(answer.Value, answer.Value.GetType(), ApiJson.Options));
        var headers = JsonSerializer.Serialize(new StoredHeaders(answer.Location, answer.Version), ApiJson.Options);
        session.ExecuteLater(
            $"INSERT INTO idempotency_keys (caller, key, request_hash, status, headers, body, created) VALUES ({caller}, {key}, {hash}, {answer.Status}, {headers}, {body}, {time.GetUtcNow()})");
        return answer;
    }

    private Answer Stored(Row row)
    {
        var headers = JsonSerializer.Deserialize<StoredHeaders>(row.Text("headers"), ApiJson.Options)!;
        var body = row.BytesOrNull("body");
        return new((int)row.Long("status"), body is null ? null : JsonSerializer.Deserialize<JsonElement>(secret.Open(Purpose, body))) { Location = headers.Location, Version = headers.Version };
    }

    // Method and path count too: one key for two operations is a mistake. Keyed, as a body may hold an address, which others could guess from a hash.
    private static async Task<string> HashAsync(HttpRequest request, byte[] key)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        request.Body.Position = 0; // buffered by the middleware
        var buffer = new byte[16 << 10];
        while (await request.Body.ReadAsync(buffer) is > 0 and var count) { hash.AppendData(buffer.AsSpan(0, count)); }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record StoredHeaders(string? Location, long? Version);
}
