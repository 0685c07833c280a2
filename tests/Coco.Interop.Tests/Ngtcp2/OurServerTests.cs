using Coco.Interop.Tests.Network;

namespace Coco.Interop.Tests.Ngtcp2;

/// <summary>The interop runner's cases, ngtcp2 as the client of our server.</summary>
public sealed class OurServerTests : Ngtcp2Test
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact] // handshake, with everything that gtlsclient offers by default
    public void A_client_that_offers_everything_completes_the_handshake_and_gets_a_file()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        var connection = ServeOne(server, SomeBytes(1000), Limit);
        Assert.Equal(Alpn, connection.ApplicationProtocol);
    }

    [Fact] // chacha20
    public void A_client_that_offers_nothing_but_our_suite_gets_a_file()
    {
        using var server = OurEnd.Server(Alpn, Certificate.Credential);
        ServeOne(server, SomeBytes(1000), Limit, more: Gtls.OurSuiteOnly);
    }
}
