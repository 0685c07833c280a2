using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Invitations;

/// <summary>What a node that wants to belong says of itself: whose it is, what it runs and what it would like to be called.</summary>
internal sealed record JoinWish(UserId User, ReadOnlyMemory<byte> UserSignature, string Name, AppId App, bool IsDevice, bool IsGateway)
{
    public const int MaxNameBytes = 64;

    public void Write(ref SpanWriter writer)
    {
        writer.WriteByte((byte)((IsDevice ? 1 : 0) | (IsGateway ? 2 : 0)));
        WireText.Write(ref writer, App.Name);
        User.Key.CopyTo(writer.Reserve(UserId.Size));
        UserSignature.Span.CopyTo(writer.Reserve(IdentityKey.SignatureSize));
        WireText.Write(ref writer, Name);
    }

    public static bool TryRead(ref SpanReader reader, [NotNullWhen(true)] out JoinWish? wish)
    {
        wish = null;
        if (!reader.TryReadByte(out var flags) || !WireText.TryReadLabel(ref reader, orEmpty: true, out var app)) { return false; }
        if (!reader.TryReadBytes(UserId.Size, out var user) || !reader.TryReadBytes(IdentityKey.SignatureSize, out var signature)) { return false; }
        if (!WireText.TryRead(ref reader, MaxNameBytes, out var name) || name.Length == 0) { return false; }
        var isDevice = (flags & 1) != 0;
        if (isDevice != (app.Length == 0)) { return false; } // a node is of an app or a device
        wish = new(
            new(NodeId.Read(user)), signature.ToArray(), name, app.Length == 0 ? default : new(app), isDevice, IsGateway: (flags & 2) != 0);
        return true;
    }
}
