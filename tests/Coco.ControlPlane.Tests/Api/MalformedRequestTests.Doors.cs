using System.Text;
using Coco.ControlPlane.Api;

namespace Coco.ControlPlane.Tests.Api;

public abstract partial class MalformedRequestTests
{
    private static readonly string[] Doors =
        ["/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize", "/oauth/userinfo", "/oauth/continue", "/oauth/consent", "/sign-in"];

    private static readonly string[] Fields =
        ["grant_type", "code", "redirect_uri", "client_id", "client_secret", "code_verifier", "refresh_token", "token", "scope", "response_type", "state", "code_challenge", "ticket", "email", "password"];

    // Errors there have the forms of OAuth (RFC 6749 §5.2, RFC 6750 §3) or are pages for people, and are the caller's fault all the same.
    private static async Task<(string Name, string Fault)> SendToDoorAsync(TestPlane plane, Random random, string app, string seed, CancellationToken cancellationToken)
    {
        var door = Doors[random.Next(Doors.Length)];
        var form = string.Join('&', Fields.Where(_ => random.Next(2) == 0).SelectMany(name => Enumerable.Repeat(name, random.Next(1, 3))).Select(name => $"{name}={Uri.EscapeDataString(name == "client_id" && random.Next(2) == 0 ? app : Text(random))}"));
        // Requests to sign in or to go on are forms that somebody posts; what is asked by GET there shows one.
        var isGet = door is "/oauth/continue" || (door is "/oauth/authorize" or "/oauth/userinfo" && random.Next(2) == 0);
        var fault = "oauth query";
        using var request = new HttpRequestMessage(isGet ? HttpMethod.Get : HttpMethod.Post, isGet ? $"{door}?{form}" : door);
        if (!isGet)
        {
            (fault, var type, var body) = Form(random, form);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        }
        if (random.Next(2) == 0) { request.Headers.TryAddWithoutValidation("Authorization", (random.Next(2) == 0 ? "Basic " : "Bearer ") + Convert.ToBase64String(RandomBytes(random, 60))); }
        if (random.Next(4) == 0) { request.Headers.TryAddWithoutValidation("Origin", random.Next(2) == 0 ? "https://elsewhere.example" : "nonsense"); }
        using var response = await plane.Http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var said = $"{seed}, {fault}: {request.Method} {request.RequestUri}: {(int)response.StatusCode} {text}";
        Assert.True((int)response.StatusCode is >= 400 and < 500, said);
        Assert.True(
            response.Content.Headers.ContentType?.MediaType switch
            {
                "application/json" => text.StartsWith("{\"error\":", StringComparison.Ordinal),
                "text/html" => text.Contains("</html>", StringComparison.Ordinal),
                null => text.Length == 0 && response.Headers.WwwAuthenticate.Count == 1,
                var type => type == Problems.ContentType,
            },
            said);
        return (door, fault);
    }

    private static (string Fault, string ContentType, byte[] Body) Form(Random random, string form)
    {
        const string Urlencoded = "application/x-www-form-urlencoded";
        const string Multipart = "multipart/form-data; boundary=b";
        const string Part = "--b\r\nContent-Disposition: form-data; name=\"client_id\"\r\n\r\nx";
        return random.Next(10) switch
        {
            0 => ("oauth noise", Urlencoded, RandomBytes(random, 300)),
            1 => ("oauth type", "application/json", Encoding.UTF8.GetBytes(form)),
            2 => ("oauth charset", Urlencoded + "; charset=nonsense", Encoding.UTF8.GetBytes(form)),
            3 => ("oauth many fields", Urlencoded, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"a{i}=1&")))),
            4 => ("oauth long field", Urlencoded, Encoding.UTF8.GetBytes(new string('a', 5_000) + "=1")),
            5 => ("oauth part cut short", Multipart, Encoding.UTF8.GetBytes(Part[..random.Next(1, Part.Length + 1)])),
            6 => ("oauth no boundary", "multipart/form-data", Encoding.UTF8.GetBytes(Part)),
            7 => ("oauth part without a name", Multipart, "--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n"u8.ToArray()),
            _ => ("oauth form", Urlencoded, Encoding.UTF8.GetBytes(form)),
        };
    }
}
