using Coco.Interop.Tests.Network;

namespace Coco.Interop.Tests.Ngtcp2;

/// <summary>The interop runner's cases, ngtcp2 as the server of our client.</summary>
public sealed class OurClientTests : Ngtcp2Test
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact] // handshake, chacha20
    public void Our_client_completes_the_handshake_and_gets_a_file()
    {
        var (process, address) = Gtls.Server(Folder, Certificate);
        using var ending = process;
        using var client = OurEnd.Client(Alpn);
        GetOne(client, address, process, SomeBytes(1000), Limit);
    }
}
