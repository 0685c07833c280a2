using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Storage;
using Coco.ControlPlane.Tests.Networks;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>Malformed requests for every operation of the table and the doors of OAuth, and bytes that are hardly requests: seeded, so that a failure says which to look at.</summary>
public abstract partial class MalformedRequestTests(PostgreSqlServer? server) : PlaneTests(server)
{
    private static readonly int Requests = Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? 10_000 : 2_000;

    // What the control plane writes by itself while time passes.
    private static readonly string[] WrittenAnyway = ["leases", "relay_instances"];

    [Fact]
    public async Task Each_is_refused_as_the_callers_fault_and_none_changes_anything()
    {
        using var developer = await Developer.CreateAsync(Plane);
        var fleet = await developer.FoundAsync();
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "van"));
        var link = await fleet.InviteAsync();
        var (_, person) = await Plane.CreateAccountAsync();
        var app = await Plane.IssueTokenAsync(new(
            Identifiers.New("tok"), Tokens.TokenKind.Access, null, developer.App, null, [.. ControlPlane.Api.Operations.All.Select(operation => operation.Scope).OfType<string>()],
            Plane.Time.GetUtcNow(), Plane.Time.GetUtcNow().AddDays(1)));
        var valid = new Dictionary<string, string>(StringComparer.Ordinal) { ["network"] = fleet.Network.ToString(), ["invitation"] = link.Invitation, ["app"] = developer.App };
        var bodies = await MembersAsync(Plane);
        var before = await DumpAsync(Plane);
        var faults = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var seen = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);

        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (seed, cancellationToken) =>
        {
            var random = new Random(seed);
            var (name, fault) = random.Next(20) switch
            {
                0 => await SendBytesAsync(Plane, random, $"seed {seed}"),
                < 4 => await SendToDoorAsync(Plane, random, developer.App, $"seed {seed}", cancellationToken),
                _ => await SendAsync(Plane, random, valid, bodies, [app, person, "coco_at_nonsense", null], $"seed {seed}", cancellationToken),
            };
            faults.AddOrUpdate(fault, 1, static (_, count) => count + 1);
            seen.AddOrUpdate(name, 1, static (_, count) => count + 1);
            // A good one in the midst of them is served.
            if (seed % 100 == 0) { Assert.Single((await developer.Client().ListNodesAsync(fleet.Network, cancellationToken: cancellationToken)).Items); }
        });

        var after = await DumpAsync(Plane);
        Assert.All(before, table => Assert.Equal((table.Key, table.Value), (table.Key, after[table.Key])));
        Assert.Equal(Requests, faults.Values.Sum()); // none without a fault
        Assert.Empty(ControlPlane.Api.Operations.All.Select(static operation => operation.Id).Concat(Doors).Except(seen.Keys));
        Assert.Empty(GarbledKinds.Select(static kind => "raw " + kind).Except(faults.Keys));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", faults.OrderBy(static fault => fault.Key, StringComparer.Ordinal).Select(static fault => $"{fault.Key}: {fault.Value}")));
        // It serves as before.
        Assert.Equal("Healthy", await Plane.Http.GetStringAsync("/health/ready"));
        await fleet.CertifyAsync(Developer.Information(fleet.Network, "car"));
        Assert.Equal(2, (await developer.Client().ListNodesAsync(fleet.Network)).Items.Count);
    }

    private static async Task<(string Name, string Fault)> SendAsync(
        TestPlane plane, Random random, Dictionary<string, string> valid, Dictionary<string, string[]> bodies, string?[] tokens, string seed, CancellationToken cancellationToken)
    {
        var operation = ControlPlane.Api.Operations.All[random.Next(ControlPlane.Api.Operations.All.Length)];
        using var request = new HttpRequestMessage { Method = new(operation.Method) };
        var fault = Spoil(request, operation, random, valid, bodies.GetValueOrDefault(operation.Id));
        var token = fault == "token" ? "coco_at_nonsense" : tokens[random.Next(tokens.Length)];
        if (token is not null) { request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token); }
        if (random.Next(8) == 0) { request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(2) == 0 ? new string('k', 300) : "key" + random.Next(10).ToString(CultureInfo.InvariantCulture)); }
        if (random.Next(8) == 0) { request.Headers.TryAddWithoutValidation("If-Match", "\"nonsense"); }
        if (random.Next(4) == 0) { request.Headers.TryAddWithoutValidation("Coco-Statement", Convert.ToBase64String(RandomBytes(random, 300))); }
        try
        {
            using var response = await plane.Http.SendAsync(request, cancellationToken);
            var said = $"{seed}, {fault}: {request.Method} {request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}";
            Assert.True((int)response.StatusCode is >= 400 and < 500, said);
            // What no path can hold the server refuses before anything of the API sees it.
            Assert.True(response.Content.Headers.ContentType?.MediaType == Problems.ContentType || request.RequestUri!.AbsoluteUri.Contains("%00", StringComparison.Ordinal), said);
        }
        catch (HttpRequestException exception) { Assert.Fail($"{seed}: {request.Method} {request.RequestUri}: {exception.Message}"); }
        return (operation.Id, fault);
    }

    // One fault at least, which is named: a body that no contract has, something that is not there, a listing's bound, or a token that nobody has.
    private static string Spoil(HttpRequestMessage request, Operation operation, Random random, Dictionary<string, string> valid, string[]? members)
    {
        var names = Parameter().Matches(operation.Path).Select(match => match.Groups["name"].Value).ToArray();
        var isListing = operation.Id.StartsWith("list", StringComparison.Ordinal);
        var fault = members is not null ? "body" : isListing && random.Next(2) == 0 ? "limit" : names.Length > 0 ? "path" : isListing ? "limit" : "token";
        // A request to join that is not there reads as refused, which is an answer: it is the invitation that is not there.
        var wrong = fault != "path" ? null : operation == ControlPlane.Api.Operations.GetJoinRequest ? "invitation" : names[^1];
        var path = Parameter().Replace(operation.Path, match =>
        {
            var name = match.Groups["name"].Value;
            var mayBeValid = name != wrong;
            return mayBeValid && random.Next(4) > 0 && valid.TryGetValue(name, out var known) ? known : Uri.EscapeDataString(Text(random));
        });
        if (fault == "limit") { path += "?limit=" + Uri.EscapeDataString(random.Next(4) switch { 0 => "0", 1 => "201", 2 => "99999999999999999999", _ => Text(random) + "x" }); }
        else if (random.Next(3) == 0) { path += $"?{Uri.EscapeDataString(Text(random))}={Uri.EscapeDataString(Text(random))}&cursor={Uri.EscapeDataString(Text(random))}&limit={Uri.EscapeDataString(Text(random))}"; }
        request.RequestUri = new(path, UriKind.Relative);
        if (members is null) { return fault; }
        var (bytes, kind) = Body(random, members);
        request.Content = new ByteArrayContent(bytes);
        request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Next(10) switch { 0 => "text/plain", 1 => "application/json; charset=nonsense", _ => "application/json" });
        return "body " + kind;
    }

    // Each of these is wrong for every contract: a member nobody names, cut short, or no object.
    private static (byte[] Bytes, string Kind) Body(Random random, string[] members)
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
            0 => (bytes[..random.Next(bytes.Length)], "cut short"),
            1 => (RandomBytes(random, 200), "noise"),
            2 => (Encoding.UTF8.GetBytes(new string('[', random.Next(1, 3000))), "deep"),
            3 => ("null"u8.ToArray(), "null"),
            _ => (bytes, "of other members"),
        };
    }

    private static string Value(Random random, int depth) => random.Next(9) switch
    {
        0 => "null",
        1 => "1e999",
        2 => "..;",
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

    // The rows of each table.
    private static Task<Dictionary<string, string>> DumpAsync(TestPlane plane) => plane.Database.ReadAsync(
        async session =>
        {
            var tables = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var table in Migrations.Tables.Except(WrittenAnyway))
            {
                var rows = new List<string>();
                await using var command = session.Connection.CreateCommand();
                command.CommandText = $"SELECT * FROM \"{table}\"";
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    var row = new object[reader.FieldCount];
                    reader.GetValues(row);
                    rows.Add(string.Join('|', row.Select(static value => value is byte[] bytes ? Convert.ToHexString(bytes) : value)));
                }
                rows.Sort(StringComparer.Ordinal);
                tables.Add(table, string.Join('\n', rows));
            }
            return tables;
        },
        default);

    [GeneratedRegex("{(?<name>[a-zA-Z]+)}", RegexOptions.ExplicitCapture, 100)]
    private static partial Regex Parameter();
}
