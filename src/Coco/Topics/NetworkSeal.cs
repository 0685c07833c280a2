using Coco.Cluster;
using Coco.Crypto;
using Coco.Topics.Core;

namespace Coco.Topics;

/// <summary>Signatures that hold for topics of one network, and for nothing else.</summary>
internal sealed class NetworkSeal(NetworkId network, IdentityKey key) : ITopicSeal
{
    private static ReadOnlySpan<byte> Label => "coco topics v1"u8;

    private readonly byte[] _prefix = PrefixOf(network);

    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => key.Sign(With(message), signature);

    public bool Verify(NodeId signer, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) => signer.Verify(With(message), signature);

    private byte[] With(ReadOnlySpan<byte> message)
    {
        var bytes = new byte[_prefix.Length + message.Length];
        _prefix.CopyTo(bytes, 0);
        message.CopyTo(bytes.AsSpan(_prefix.Length));
        return bytes;
    }

    private static byte[] PrefixOf(NetworkId network)
    {
        var prefix = new byte[Label.Length + NodeId.Size];
        Label.CopyTo(prefix);
        network.Key.CopyTo(prefix.AsSpan(Label.Length));
        return prefix;
    }
}
