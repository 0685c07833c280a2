namespace Coco.ControlPlane.Tests.Api;

public sealed class StrictTransportTests
{
    [Theory]
    [InlineData("https://control.example", "https", true)]
    [InlineData("https://control.example", "http", false)] // RFC 6797 §7.2
    [InlineData("http://control.example", "https", false)]
    [InlineData(null, "https", false)]
    public async Task Browsers_are_told_to_come_by_HTTPS_alone_where_they_did(string? publicUrl, string scheme, bool isTold)
    {
        await using var plane = await TestPlane.StartAsync(change: settings => settings with { PublicUrl = publicUrl, Listen = ["http://127.0.0.1:0", "https://127.0.0.1:0"] });
        using var handler = new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null } };
        using var http = new HttpClient(handler) { BaseAddress = plane.Host.Addresses.Single(address => address.Scheme == scheme) };

        foreach (var path in (string[])["/v1/service", "/v1/me", "/sign-in", "/nothing"])
        {
            using var answer = await http.GetAsync(path);
            Assert.Equal(isTold ? "max-age=31536000" : null, answer.Headers.TryGetValues("Strict-Transport-Security", out var values) ? Assert.Single(values) : null);
        }
    }
}
