using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Quic.Tests.Tls;

public sealed class ServerNameTokenTests
{
    [Fact] // HMAC-SHA256 computed with Python's hmac and base64 modules
    public void The_token_is_as_written_down()
    {
        var target = NodeId.Read(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        var random = Enumerable.Range(32, 32).Select(i => (byte)i).ToArray();

        Assert.Equal("miqv3z553tvh4lcai77wxokpru", ServerNameToken.Create(target, random));
    }

    [Fact]
    public void Every_connection_has_another_token_and_no_identity_in_the_clear()
    {
        using var first = new HandshakePair(seed: 1);
        using var second = new HandshakePair(seed: 2);

        Assert.NotEqual(first.Client.ServerName, second.Client.ServerName);
        Assert.Matches("^[a-z2-7]{26}$", first.Client.ServerName!);
    }

    [Fact]
    public void A_server_answers_with_the_identity_that_was_asked_for()
    {
        using var pair = new HandshakePair(identities: [HandshakePair.OtherKey, HandshakePair.ServerKey]).Run();

        Assert.Same(HandshakePair.ServerKey, pair.Server.Identity);
        Assert.Equal(HandshakeState.Complete, pair.Client.State);
    }

    [Fact]
    public void A_server_is_silent_to_a_token_for_someone_else()
    {
        using var pair = new HandshakePair(expected: HandshakePair.OtherKey.Id).Run();

        Assert.True(pair.Server.Failure!.IsSilent);
        Assert.Empty(HandshakePair.Drain(pair.Server));
        Assert.Equal(HandshakeState.InProgress, pair.Client.State);
    }

    [Theory] // a stranger must not find the endpoint by sending it something wrong either
    [InlineData("01000001FF")]
    [InlineData("14000000")]
    [InlineData("01FFFFFF")]
    public void A_server_is_silent_to_whatever_comes_without_a_token(string hex)
    {
        using var pair = new HandshakePair();
        pair.Server.HandleCrypto(EncryptionLevel.Initial, Convert.FromHexString(hex));

        Assert.True(pair.Server.Failure!.IsSilent);
    }

    [Fact]
    public void A_token_is_of_no_use_with_another_random()
    {
        using var pair = new HandshakePair
        {
            Change = (_, fromClient, data) => fromClient ? [.. data[..6], (byte)~data[6], .. data[7..]] : data,
        }.Run();

        Assert.True(pair.Server.Failure!.IsSilent);
    }

    [Fact]
    public void A_server_that_requires_no_token_answers_with_its_first_identity()
    {
        var options = new TlsOptions { RequireServerNameToken = false };
        using var pair = new HandshakePair(options, expected: default(NodeId)).Run();

        Assert.Null(pair.Client.ServerName);
        Assert.Equal(HandshakePair.ServerKey.Id, pair.Client.PeerId);
    }
}
