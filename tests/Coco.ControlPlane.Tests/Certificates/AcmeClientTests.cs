using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Coco.ControlPlane.Certificates;
using Coco.ControlPlane.Settings;

namespace Coco.ControlPlane.Tests.Certificates;

/// <summary>Authorities that are out of order, or hostile.</summary>
public sealed class AcmeClientTests : IDisposable
{
    private const string Base = "https://authority.example/";

    private static readonly AcmeSettings Settings = new() { Domains = ["control.example"], AgreesToTerms = true };

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly StubAuthority _authority = new();

    public void Dispose()
    {
        _key.Dispose();
        _authority.Dispose();
    }

    [Fact] // RFC 8555 §6.5
    public async Task A_bad_nonce_is_tried_again_with_the_one_that_the_answer_brings_and_no_nonce_is_used_twice()
    {
        var refusals = 3;
        _authority.Answers["account"] = () => refusals-- > 0 ? StubAuthority.Problem("badNonce", "old") : StubAuthority.Json("{}", HttpStatusCode.Created, "account/1");

        await OpenAsync();

        Assert.Equal(["directory", "account", "account", "account", "account"], _authority.Asked);
        Assert.Equal(_authority.Nonces.Count, _authority.Nonces.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact] // RFC 8555 §7.2
    public async Task Where_an_answer_brings_no_nonce_another_is_asked_for()
    {
        _authority.WithoutNonce.Add("account");
        var refusals = 1;
        _authority.Answers["account"] = () => refusals-- > 0 ? StubAuthority.Problem("badNonce", "old") : StubAuthority.Json("{}", HttpStatusCode.Created, "account/1");

        await OpenAsync();

        Assert.Equal(["directory", "account", "nonce", "account"], _authority.Asked);
        Assert.Equal(["nonce1", "nonce2"], _authority.Nonces);
    }

    [Fact]
    public async Task An_authority_that_takes_no_nonce_at_all_is_given_up()
    {
        _authority.Answers["account"] = static () => StubAuthority.Problem("badNonce", "old");

        var refused = await Assert.ThrowsAsync<AcmeException>(OpenAsync);

        Assert.Equal("badNonce", refused.Type);
        Assert.InRange(_authority.Asked.Count, 10, 50);
    }

    [Theory]
    [InlineData("directory", "not json", "not what RFC 8555 says")]
    [InlineData("directory", "[]", "not what RFC 8555 says")]
    [InlineData("directory", "{}", "no https:// address")]
    [InlineData("directory", """{ "newNonce": "http://authority.example/nonce", "newAccount": "https://a.example/", "newOrder": "https://a.example/" }""", "no https:// address")]
    [InlineData("directory", """{ "newNonce": "file:///etc/passwd", "newAccount": "https://a.example/", "newOrder": "https://a.example/" }""", "no https:// address")]
    [InlineData("order", "{ \"status\": 7 }", "not what RFC 8555 says")]
    [InlineData("order", """{ "status": "pending", "authorizations": ["https://authority.example/a", "https://authority.example/b"] }""", "more names than were ordered")]
    [InlineData("authorization", """{ "status": "pending", "identifier": { "type": "dns", "value": "other.example" } }""", "which was not ordered")]
    [InlineData("authorization", """{ "status": "pending", "identifier": { "type": "dns", "value": "control.example" }, "challenges": [{ "type": "dns-01", "url": "https://a.example", "status": "pending", "token": "t" }] }""", "no challenge tls-alpn-01")]
    [InlineData("authorization", """{ "status": "pending", "identifier": { "type": "dns", "value": "control.example" }, "challenges": [{ "type": "tls-alpn-01", "url": "https://a.example", "status": "pending", "token": "../x" }] }""", "has no token")]
    [InlineData("authorization", """{ "status": "deactivated", "identifier": { "type": "dns", "value": "control.example" } }""", "is deactivated")]
    [InlineData("7", """{ "status": "invalid", "error": { "type": "urn:ietf:params:acme:error:caa", "detail": "no" } }""", "allow it there (RFC 8659)")]
    [InlineData("7", """{ "status": "valid", "certificate": "http://authority.example/chain" }""", "no https:// address")]
    [InlineData("chain", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "no chain of certificates")]
    [InlineData("chain", "nothing", "chain of 0 certificates")]
    public async Task What_no_authority_says_ends_the_attempt_with_a_sentence(string where, string body, string message)
    {
        _authority.Answers[where] = () => StubAuthority.Json(body, location: "orders/7");

        var refused = await Assert.ThrowsAsync<AcmeException>(OrderAsync);

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read_to_its_end()
    {
        using var endless = new EndlessStream();
        _authority.Answers["order"] = () => new(HttpStatusCode.Created) { Content = new StreamContent(endless) };

        var refused = await Assert.ThrowsAsync<AcmeException>(OrderAsync);

        Assert.Contains("more than 256 KiB", refused.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Handed, 1, 1 << 20);
    }

    [Fact]
    public async Task A_certificate_for_another_key_is_not_taken()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=control.example", other, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        _authority.Answers["7"] = Ready();
        _authority.Answers["chain"] = () => StubAuthority.Json(certificate.ExportCertificatePem());

        var refused = await Assert.ThrowsAsync<AcmeException>(OrderAsync);

        Assert.Contains("another key than ours", refused.Message, StringComparison.Ordinal);
    }

    [Fact] // RFC 8555 §6.6
    public async Task When_to_come_again_and_what_to_do_is_read_from_a_refusal_and_its_text_is_tamed()
    {
        _authority.Answers["order"] = static () =>
        {
            var answer = StubAuthority.Problem("rateLimited", "slow\r\ndown\u001b[31m" + new string('x', 10_000), HttpStatusCode.TooManyRequests);
            answer.Headers.RetryAfter = new(TimeSpan.FromDays(400));
            return answer;
        };

        var refused = await Assert.ThrowsAsync<AcmeException>(OrderAsync);

        Assert.Equal(("rateLimited", TimeSpan.FromDays(1)), (refused.Type, refused.RetryAfter));
        Assert.StartsWith("It takes no order: rateLimited (slow  down [31mxxx", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("It was asked too often, and is left alone for a while.", refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.Message.Length, 100, 700);
    }

    [Fact] // RFC 7638 §3.1 by hand; RFC 8555 §8.1
    public void A_key_authorization_is_the_token_and_the_thumbprint_of_the_key()
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new()
            {
                // RFC 7515 appendix A.3
                X = System.Buffers.Text.Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                Y = System.Buffers.Text.Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
            },
        });
        var json = """{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"""u8;

        Assert.Equal("token." + System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(json)), Jws.KeyAuthorization(key, "token"));
    }

    private static Func<HttpResponseMessage> Ready()
    {
        var asked = 0;
        return () => StubAuthority.Json(asked++ == 0 ? $$"""{ "status": "ready", "finalize": "{{Base}}finalize" }""" : $$"""{ "status": "valid", "certificate": "{{Base}}chain" }""");
    }

    private async Task<AcmeClient> OpenAsync()
    {
        var session = new AcmeSession(new HttpClient(_authority, disposeHandler: false), _key, TimeProvider.System);
        await session.OpenAsync(StubAuthority.DirectoryUrl, TestContext.Current.CancellationToken);
        var client = new AcmeClient(session, Settings);
        await client.OpenAccountAsync(TestContext.Current.CancellationToken);
        return client;
    }

    private async Task<IssuedCertificate> OrderAsync() =>
        await (await OpenAsync()).OrderAsync(Settings.Domains, static (_, _, _, _) => Task.CompletedTask, TestContext.Current.CancellationToken);

    private sealed class EndlessStream : MemoryStream
    {
        public long Handed { get; private set; }

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            Handed += buffer.Length;
            return new(buffer.Length);
        }
    }
}
