using Coco.ControlPlane.Apps;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Tests.Apps;

public sealed class RedirectUriTests
{
    [Theory]
    [InlineData("https://app.example/callback", AppKind.SinglePage, true)]
    [InlineData("https://app.example:8443/callback?x=1", AppKind.Service, true)]
    [InlineData("com.example.app:/callback", AppKind.Native, true)]
    [InlineData("http://127.0.0.1/callback", AppKind.Native, true)]
    [InlineData("http://[::1]:9000/callback", AppKind.Native, true)]
    [InlineData("com.example.app:/callback", AppKind.Service, false)]
    [InlineData("http://127.0.0.1/callback", AppKind.SinglePage, false)]
    [InlineData("http://localhost/callback", AppKind.Native, false)]
    [InlineData("http://app.example/callback", AppKind.Native, false)]
    [InlineData("http://127.0.0.1.evil.example/callback", AppKind.Native, false)]
    [InlineData("http://127.0.0.1@evil.example/callback", AppKind.Native, false)]
    [InlineData("https://app.example/callback#fragment", AppKind.Service, false)]
    [InlineData("https://user@app.example/callback", AppKind.Service, false)]
    [InlineData("https://user:password@app.example/callback", AppKind.Service, false)]
    [InlineData("HTTPS://app.example/callback", AppKind.Service, false)]
    [InlineData("https:app.example", AppKind.Service, false)]
    [InlineData("https://app.example\\@evil.example/", AppKind.Service, false)]
    [InlineData("https://app.example/\"onload=", AppKind.Service, false)]
    [InlineData("https://app.example/\r\nSet-Cookie: x", AppKind.Service, false)]
    [InlineData("https://äpp.example/callback", AppKind.Service, false)]
    [InlineData("javascript:alert(1)", AppKind.Native, false)]
    [InlineData("data:text/html,x", AppKind.Native, false)]
    [InlineData("file:///etc/passwd", AppKind.Native, false)]
    [InlineData("/callback", AppKind.Service, false)]
    [InlineData("//app.example/callback", AppKind.Service, false)]
    [InlineData("", AppKind.Service, false)]
    public void Only_https_own_schemes_and_loopback_are_registered(string uri, AppKind kind, bool may) => Assert.Equal(may, RedirectUris.MayRegister(kind, uri));

    [Theory]
    [InlineData("https://app.example/callback", true)]
    [InlineData("https://app.example/callback/", false)]
    [InlineData("https://app.example/callback/../evil", false)]
    [InlineData("https://app.example/callback?x=1", false)]
    [InlineData("https://app.example/callback#x", false)]
    [InlineData("https://app.example/Callback", false)]
    [InlineData("https://APP.example/callback", false)]
    [InlineData("https://app.example:443/callback", false)]
    [InlineData("https://app.example.evil.example/callback", false)]
    [InlineData("https://evil@app.example/callback", false)]
    [InlineData("https://app.example/%63allback", false)]
    [InlineData("http://app.example/callback", false)]
    [InlineData("https://app.example/callback ", false)]
    public void A_redirect_is_compared_character_by_character(string requested, bool matches) =>
        Assert.Equal(matches, RedirectUris.Matches(AppKind.Service, ["https://app.example/callback"], requested));

    [Theory] // RFC 8252 §7.3
    [InlineData("http://127.0.0.1/callback", true)]
    [InlineData("http://127.0.0.1:51004/callback", true)]
    [InlineData("http://127.0.0.1:51004/other", false)]
    [InlineData("http://[::1]:51004/callback", false)]
    [InlineData("http://localhost:51004/callback", false)]
    [InlineData("http://127.0.0.1:51004@evil.example/callback", false)]
    [InlineData("http://127.0.0.1:/callback", false)]
    [InlineData("http://127.0.0.1:99999/callback", false)]
    [InlineData("http://127.0.0.1.evil.example/callback", false)]
    [InlineData("https://127.0.0.1:51004/callback", false)]
    public void Loopback_may_have_any_port(string requested, bool matches) =>
        Assert.Equal(matches, RedirectUris.Matches(AppKind.Native, ["http://127.0.0.1/callback"], requested));

    [Fact]
    public void Any_port_is_for_native_apps_alone() =>
        Assert.False(RedirectUris.Matches(AppKind.Service, ["http://127.0.0.1/callback"], "http://127.0.0.1:51004/callback"));
}
