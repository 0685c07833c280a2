using System.Text;
using Coco.ControlPlane.Client.Contracts.Accounts;

namespace Coco.ControlPlane.Tests.Accounts;

/// <summary>What strangers send who have no good intentions.</summary>
public sealed class HostileInputTests
{
    private static readonly string[] Paths =
    [
        "/v1/accounts", "/v1/accounts/confirm", "/v1/accounts/reset", "/v1/accounts/reset/complete", "/v1/accounts/confirm-email", "/v1/sessions", "/v1/sessions/passkey",
    ];

    public static TheoryData<string> Texts =>
    [
        "' OR '1'='1", "'; DROP TABLE accounts; --", "admin'--", "\" OR \"\"=\"", "%", "_", "\\", "${jndi:ldap://x}", "{{7*7}}", "../../etc/passwd", "<script>alert(1)</script>",
        "a\r\nBcc: all@example.org", "\u0000", "\uD800", "ı@example.org", "🙂🙂🙂🙂🙂🙂🙂🙂", "null", "[]", "",
    ];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Texts_of_attacks_are_texts(string text)
    {
        await using var plane = await TestPlane.StartAsync();
        await plane.RegisterAsync("ada@example.org", "a difference engine");

        foreach (var path in Paths)
        {
            using var response = await SendAsync(plane, path, Body(path, text, text));
            Assert.InRange((int)response.StatusCode, 202, 410);
        }
        using var signIn = await SendAsync(plane, "/v1/sessions", Body("/v1/sessions", "ada@example.org", text));
        Assert.Equal(text == "\uD800" ? 400 : 401, (int)signIn.StatusCode);
        Assert.Equal(1, await plane.Database.ReadAsync(session => session.NumberAsync($"SELECT COUNT(*) FROM accounts"), default));
        Assert.DoesNotContain(plane.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fields_without_measure_are_refused_or_wrong_and_nothing_breaks()
    {
        await using var plane = await TestPlane.StartAsync();
        var (large, tooLarge) = (new string('x', 500_000), new string('x', 2 << 20));

        foreach (var path in Paths) { Assert.InRange(await StatusAsync(plane, path, Body(path, large, large)), 202, 413); }
        Assert.Equal(413, await StatusAsync(plane, "/v1/sessions", Body("/v1/sessions", "ada@example.org", tooLarge)));
        Assert.DoesNotContain(plane.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    // Who refuses may close before all was sent, and the answer is lost: it was 413 then.
    private static async Task<int> StatusAsync(TestPlane plane, string path, string body)
    {
        try
        {
            using var response = await SendAsync(plane, path, body);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException exception) when (exception.InnerException is IOException)
        {
            return 413;
        }
    }

    [Theory]
    [InlineData("""{"email":"ada@example.org","password":"a difference engine","locked":null}""")]
    [InlineData("""{"email":"ada@example.org","password":"a difference engine","id":"acc_mine"}""")]
    [InlineData("""{"email":"ada@example.org","password":"a difference engine","email":"eve@example.org"}""")]
    [InlineData("""{"email":["ada@example.org"],"password":"a difference engine"}""")]
    [InlineData("""{"email":{"$ne":null},"password":{"$ne":null}}""")]
    [InlineData("""{"email":null,"password":null}""")]
    [InlineData("""{"email":"ada@example.org"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Members_and_kinds_that_no_contract_names_are_refused(string body)
    {
        await using var plane = await TestPlane.StartAsync();

        foreach (var path in new[] { "/v1/accounts", "/v1/sessions" })
        {
            using var response = await SendAsync(plane, path, body);
            Assert.Equal(400, (int)response.StatusCode);
        }
    }

    [Fact]
    public async Task Guesses_from_one_address_are_few_a_minute()
    {
        await using var plane = await TestPlane.StartAsync(change: settings => settings with { Rates = settings.Rates with { CredentialsPerMinute = 1 } });
        var statuses = new List<int>();
        for (var i = 0; i < 2; i++)
        {
            using var response = await plane.SendAsync("POST", "/v1/sessions", body: new Credentials($"user{i}@example.org", "a common password"));
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal([401, 429], statuses);
    }

    private static string Body(string path, string first, string second)
    {
        var (one, two) = (Escape(first), Escape(second));
        return path switch
        {
            "/v1/accounts" or "/v1/sessions" => $$"""{"email":"{{one}}","password":"{{two}}"}""",
            "/v1/accounts/reset" => $$"""{"email":"{{one}}"}""",
            "/v1/accounts/confirm-email" => $$"""{"code":"{{one}}"}""",
            "/v1/sessions/passkey" => $$"""{"credentialId":"{{one}}","clientDataJson":"{{two}}","authenticatorData":"{{one}}","signature":"{{two}}","userHandle":"{{one}}"}""",
            _ => $$"""{"code":"{{one}}","password":"{{two}}"}""",
        };
    }

    // By hand: serializers would not write a lone surrogate.
    private static string Escape(string text) => string.Concat(text.Select(character => char.IsAsciiLetterOrDigit(character) ? character.ToString() : $"\\u{(int)character:x4}"));

    private static async Task<HttpResponseMessage> SendAsync(TestPlane plane, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await plane.Http.PostAsync(new Uri(path, UriKind.Relative), content);
    }
}
