using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void A_handshake_completes_in_whatever_pieces_it_arrives(int chunkSize)
    {
        using var pair = new HandshakePair { ChunkSize = chunkSize }.Run();

        Assert.Null(pair.Client.Failure);
        Assert.Null(pair.Server.Failure);
        Assert.Equal(HandshakeState.Complete, pair.Client.State);
        Assert.Equal(HandshakeState.Complete, pair.Server.State);
        Assert.True(pair.SecretsAgree(out var count));
        Assert.Equal(4, count);
    }

    [Fact]
    public void Both_sides_learn_who_and_what_the_other_is()
    {
        using var pair = new HandshakePair().Run();

        Assert.Equal(HandshakePair.ServerKey.Id, pair.Client.PeerId);
        Assert.Equal(HandshakePair.ClientKey.Id, pair.Server.PeerId);
        Assert.Equal(HandshakePair.ServerParameters, pair.Client.PeerTransportParameters.ToArray());
        Assert.Equal(HandshakePair.ClientParameters, pair.Server.PeerTransportParameters.ToArray());
        Assert.Equal(TlsOptions.CocoProtocol, pair.Client.SelectedAlpn);
        Assert.Equal(TlsOptions.CocoProtocol, pair.Server.SelectedAlpn);
        Assert.Same(HandshakePair.ServerKey, pair.Server.Identity);
    }

    [Fact] // RFC 9001 §5.7: the server does not read 1-RTT packets before the client's Finished
    public void Secrets_become_usable_in_the_order_of_the_rfc()
    {
        var order = new List<string>();
        using var pair = new HandshakePair();
        pair.Server.HandleCrypto(EncryptionLevel.Initial, HandshakePair.Drain(pair.Client).Single().Data);
        while (pair.Server.TryTakeSecrets(out var secrets)) { order.Add(secrets.ToString()); }

        Assert.Equal(["Handshake read secret", "Handshake write secret", "OneRtt write secret"], order);
        pair.Run();
        Assert.True(pair.Client.State is HandshakeState.Complete && pair.Server.State is HandshakeState.Complete);
    }

    [Fact]
    public void Transport_parameters_of_the_server_may_be_set_after_construction()
    {
        using var pair = new HandshakePair();
        pair.Server.SetLocalTransportParameters([9, 1, 7]);
        pair.Run();

        Assert.Equal<byte>([9, 1, 7], pair.Client.PeerTransportParameters.ToArray());
    }

    [Fact]
    public void A_client_may_go_without_a_key_where_that_is_optional()
    {
        using var pair = new HandshakePair(
            serverOptions: new() { ClientAuthentication = ClientAuthentication.Optional }, anonymous: true).Run();

        Assert.Equal(HandshakeState.Complete, pair.Server.State);
        Assert.True(pair.Server.PeerId.IsDefault);
        Assert.Equal(HandshakePair.ServerKey.Id, pair.Client.PeerId);
    }

    [Fact] // RFC 8446 §7.5
    public void Exported_material_is_equal_at_both_ends_and_differs_by_label_context_and_connection()
    {
        using var pair = new HandshakePair(seed: 1).Run();
        using var other = new HandshakePair(seed: 2).Run();

        Assert.Equal(Export(pair.Client, "EXPORTER-coco", "a"), Export(pair.Server, "EXPORTER-coco", "a"));
        Assert.NotEqual(Export(pair.Client, "EXPORTER-coco", "a"), Export(pair.Client, "EXPORTER-coco", "b"));
        Assert.NotEqual(Export(pair.Client, "EXPORTER-coco", "a"), Export(pair.Client, "EXPORTER-else", "a"));
        Assert.NotEqual(Export(pair.Client, "EXPORTER-coco", "a"), Export(other.Client, "EXPORTER-coco", "a"));
    }

    [Fact]
    public void The_exporter_outlives_its_handshake()
    {
        using var pair = new HandshakePair().Run();
        var expected = Export(pair.Server, "EXPORTER-coco", "");
        using var exporter = pair.Client.DetachExporter();
        pair.Client.Dispose();

        var exported = new byte[80];
        exporter!.Export("EXPORTER-coco"u8, [], exported);
        Assert.Equal(expected, exported);
        Assert.False(pair.Client.TryExport("EXPORTER-coco"u8, [], exported));
    }

    [Fact]
    public void Nothing_is_exported_before_completion()
    {
        using var pair = new HandshakePair();

        Assert.False(pair.Client.TryExport("EXPORTER-coco"u8, [], new byte[32]));
        Assert.Null(pair.Client.DetachExporter());
    }

    [Fact]
    public void The_secret_log_names_every_secret_at_both_ends_alike()
    {
        var lines = new List<string>();
        var options = new TlsOptions
        {
            SecretLog = (label, random, secret) =>
                lines.Add($"{label} {Convert.ToHexString(random)} {Convert.ToHexString(secret)}"),
        };
        using var pair = new HandshakePair(options).Run();

        Assert.Equal(10, lines.Count);
        Assert.All(lines.CountBy(line => line), line => Assert.Equal(2, line.Value));
    }

    private static byte[] Export(TlsHandshake handshake, string label, string context)
    {
        var material = new byte[80];
        Assert.True(
            handshake.TryExport(
                System.Text.Encoding.ASCII.GetBytes(label), System.Text.Encoding.ASCII.GetBytes(context), material));
        return material;
    }
}
