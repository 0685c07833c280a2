using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Tests.Networks;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Malformed requests for every operation of the table: seeded, so that a failure says which to look at.</summary>
public sealed partial class MalformedRequestTests
{
    private const int Requests = 10_000;

    // Counters of attempts, and what is kept of requests whatever they say.
    private static readonly string[] MayChange = ["idempotency_keys", "audit_events", "tokens", "attempt", "lock", "failure", "session"];

    [Fact]
    public async Task None_is_a_fault_and_none_changes_anything()
    {
        await using var plane = await TestPlane.StartAsync();
        using var http = new HttpClient { BaseAddress = plane.Http.BaseAddress }; // no document knows what these bring, and some of it is passed over
        using var developer = await Developer.CreateAsync(plane);
        var fleet = await developer.FoundAsync();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van"));
        var link = await fleet.InviteAsync();
        var (_, person) = await plane.CreateAccountAsync();
        var app = await plane.IssueTokenAsync(new(
            Identifiers.New("tok"), Tokens.TokenKind.Access, null, developer.App, null, [.. ControlPlane.Api.Operations.All.Select(operation => operation.Scope).OfType<string>()],
            plane.Time.GetUtcNow(), plane.Time.GetUtcNow().AddDays(1)));
        var valid = new Dictionary<string, string>(StringComparer.Ordinal) { ["network"] = fleet.Network.ToString(), ["invitation"] = link.Invitation, ["app"] = developer.App };
        var bodies = await MembersAsync(plane);
        var before = await DumpAsync(plane);

        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, token) =>
        {
            var random = new Random(seed);
            using var request = Make(random, valid, bodies, [app, person, "coco_at_nonsense", null]);
            if (request is null) { return; }
            try
            {
                using var response = await http.SendAsync(request, token);
                Assert.True((int)response.StatusCode < 500, $"seed {seed}: {request.Method} {request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(token)}");
                Assert.True(request.Method == HttpMethod.Get || (int)response.StatusCode >= 400, $"seed {seed}: {request.Method} {request.RequestUri} was taken: {(int)response.StatusCode}");
            }
            catch (HttpRequestException exception) { Assert.Fail($"seed {seed}: {request.Method} {request.RequestUri}: {exception.Message}"); }
        });

        Assert.Equal(before, await DumpAsync(plane));
    }

    private static HttpRequestMessage? Make(Random random, Dictionary<string, string> valid, Dictionary<string, string[]> bodies, string?[] tokens)
    {
        var operation = ControlPlane.Api.Operations.All[random.Next(ControlPlane.Api.Operations.All.Length)];
        var hasBody = bodies.TryGetValue(operation.Id, out var members);
        var names = Parameter().Matches(operation.Path).Select(match => match.Groups["name"].Value).ToArray();
        // Without a body and without a name in the path there is nothing that could be wrong.
        if (!hasBody && names.Length == 0 && operation.Method != "GET") { return null; }
        var path = Parameter().Replace(operation.Path, match =>
        {
            var name = match.Groups["name"].Value;
            var mayBeValid = hasBody || operation.Method == "GET" || name != names[^1];
            return mayBeValid && random.Next(4) > 0 && valid.TryGetValue(name, out var known) ? known : Uri.EscapeDataString(Text(random));
        });
        if (random.Next(3) == 0) { path += $"?{Uri.EscapeDataString(Text(random))}={Uri.EscapeDataString(Text(random))}&cursor={Uri.EscapeDataString(Text(random))}&limit={Uri.EscapeDataString(Text(random))}"; }
        var request = new HttpRequestMessage(new(operation.Method), path);
        if (tokens[random.Next(tokens.Length)] is { } token) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token); }
        if (random.Next(8) == 0) { request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(2) == 0 ? new string('k', 300) : "key" + random.Next(10).ToString(CultureInfo.InvariantCulture)); }
        if (random.Next(8) == 0) { request.Headers.TryAddWithoutValidation("If-Match", "\"nonsense"); }
        if (random.Next(4) == 0) { request.Headers.TryAddWithoutValidation("Coco-Statement", Convert.ToBase64String(RandomBytes(random, 300))); }
        if (hasBody)
        {
            request.Content = new ByteArrayContent(Body(random, members!));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Next(10) == 0 ? "text/plain" : "application/json");
        }
        return request;
    }

    // Each of these is wrong for every contract: a member nobody names, cut short, or no object.
    private static byte[] Body(Random random, string[] members)
    {
        var text = new StringBuilder("{\"zz-unknown\":").Append(Value(random, 0));
        foreach (var member in members)
        {
            if (random.Next(3) > 0) { text.Append(',').Append(JsonSerializer.Serialize(member)).Append(':').Append(Value(random, 0)); }
        }
        text.Append('}');
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return random.Next(6) switch
        {
            0 => bytes[..random.Next(bytes.Length)],
            1 => RandomBytes(random, 200),
            2 => Encoding.UTF8.GetBytes(new string('[', random.Next(1, 3000))),
            3 => "null"u8.ToArray(),
            _ => bytes,
        };
    }

    private static string Value(Random random, int depth) => random.Next(9) switch
    {
        0 => "null",
        1 => "1e999",
        2 => "..;", // two dots alone are taken out of the path before it is sent
        3 => "true",
        4 when depth < 3 => "[" + Value(random, depth + 1) + "]",
        5 when depth < 3 => "{\"a\":" + Value(random, depth + 1) + "}",
        6 => "\"\\ud800\"",
        7 => "\"\\u0000\"",
        _ => JsonSerializer.Serialize(Text(random)),
    };

    private static string Text(Random random) => random.Next(9) switch
    {
        0 => "' OR '1'='1",
        1 => "\0",
        2 => "..;", // two dots alone are taken out of the path before it is sent
        3 => new string('a', random.Next(1, 2000)),
        4 => "ünï → 🙂",
        5 => "-1",
        6 => Convert.ToBase64String(RandomBytes(random, 40)),
        7 => new string('a', 52),
        _ => "x" + random.Next().ToString(CultureInfo.InvariantCulture),
    };

    private static byte[] RandomBytes(Random random, int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }

    // The names of members of each operation's body, from the document.
    private static async Task<Dictionary<string, string[]>> MembersAsync(TestPlane plane)
    {
        using var document = JsonDocument.Parse(await plane.Http.GetStringAsync("/openapi/v1.json"));
        var members = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var operation in document.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(method => method.Value))
        {
            if (!operation.TryGetProperty("requestBody", out var body) || !body.GetProperty("content").TryGetProperty("application/json", out var content)) { continue; }
            var name = content.GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
            var schema = document.RootElement.GetProperty("components").GetProperty("schemas").GetProperty(name);
            members.Add(operation.GetProperty("operationId").GetString()!, [.. schema.GetProperty("properties").EnumerateObject().Select(property => property.Name)]);
        }
        return members;
    }

    private static Task<string> DumpAsync(TestPlane plane) => plane.Database.ReadAsync(
        async session =>
        {
            var text = new StringBuilder();
            var tables = await session.QueryAsync($"SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", row => row.Text("name"));
            foreach (var table in tables.Where(table => !MayChange.Any(name => table.Contains(name, StringComparison.Ordinal))))
            {
                await using var command = session.Connection.CreateCommand();
                command.CommandText = $"SELECT * FROM \"{table}\"";
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    text.Append(table);
                    for (var i = 0; i < reader.FieldCount; i++) { text.Append('|').Append(reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : reader.GetValue(i)); }
                    text.Append('\n');
                }
            }
            return text.ToString();
        },
        default);

    [GeneratedRegex("{(?<name>[a-zA-Z]+)}", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Parameter();
}
