using System.Net.Security;
using Coco.ControlPlane.Certificates;

namespace Coco.ControlPlane.Tests.Certificates;

public sealed class ClientHelloTests
{
    [Theory] // RFC 8737 §3
    [InlineData(true, "acme-tls/1")]
    [InlineData(false, "acme-tls/1", "http/1.1")]
    [InlineData(false, "h2", "acme-tls/1")]
    [InlineData(false, "acme-tls/2")]
    [InlineData(false)]
    public async Task An_authority_is_known_by_the_one_protocol_that_it_offers(bool isAuthority, params string[] protocols)
    {
        var hello = await HelloAsync(protocols);

        Assert.Equal(hello.Length, ClientHello.RecordLength(hello));
        Assert.Equal(isAuthority, ClientHello.OffersOnly(hello, "acme-tls/1"u8));
    }

    [Fact]
    public async Task Hellos_that_were_cut_or_changed_are_read_without_harm_and_what_is_no_TLS_has_no_length()
    {
        var hello = await HelloAsync("acme-tls/1");
        var random = new Random(5);
        for (var length = 0; length < hello.Length; length++) { Assert.False(ClientHello.OffersOnly(hello.AsSpan(0, length), "acme-tls/1"u8)); }
        for (var i = 0; i < 20_000; i++)
        {
            var changed = hello.ToArray();
            for (var j = random.Next(1, 4); j > 0; j--) { changed[random.Next(changed.Length)] = (byte)random.Next(256); }
            _ = ClientHello.OffersOnly(changed, "acme-tls/1"u8); // never throws
            Assert.InRange(ClientHello.RecordLength(changed), 0, 5 + (1 << 14));
        }
        Assert.Equal(0, ClientHello.RecordLength("GET / HTTP/1.1"u8));
        Assert.Equal(0, ClientHello.RecordLength([22, 3, 1, 0xFF, 0xFF]));
        Assert.Equal(0, ClientHello.RecordLength([22, 3, 1]));
    }

    private static async Task<byte[]> HelloAsync(params string[] protocols)
    {
        using var wire = new Wire();
        await using var tls = new SslStream(wire);
        // Nobody answers.
        await Assert.ThrowsAnyAsync<IOException>(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "control.example", ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(static protocol => new SslApplicationProtocol(protocol))],
        }));
        return wire.Written.ToArray();
    }

    private sealed class Wire : MemoryStream
    {
        public List<byte> Written { get; } = [];

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written.AddRange(buffer.Span);
            return default;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);
    }
}
