using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Time;

/// <summary>
/// The claims of <see cref="BestTime"/> on disk, each by its signer, so that what a revoked one said can still be dropped after a restart.
/// <code>
/// record = version u8: 1 ‖ count varint (at most 65,536) ‖ count × ( issuer 32, zeros for the machine ‖ time u64 ‖ confirmed u64, 0 for not )
/// </code>
/// </summary>
internal static class TimeClaimsRecord
{
    private const byte Version = 1;
    private const int ClaimLength = NodeId.Size + sizeof(ulong) + sizeof(ulong);

    public static byte[] Encode(IReadOnlyList<TimeClaim> claims)
    {
        var bytes = new byte[1 + VarInt.MaxLength + (claims.Count * ClaimLength)];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Version);
        writer.WriteVarInt((ulong)claims.Count);
        foreach (var claim in claims)
        {
            claim.Issuer.CopyTo(writer.Reserve(NodeId.Size));
            writer.WriteUInt64((ulong)Math.Max(0, claim.AtStart));
            writer.WriteUInt64((ulong)Math.Max(0, claim.Confirmed));
        }
        return bytes[..writer.Position];
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out IReadOnlyList<TimeClaim>? claims)
    {
        claims = null;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadVarInt(out var count)) { return false; }
        if (count > 65_536 || (ulong)reader.RemainingLength != count * ClaimLength) { return false; }
        var read = new TimeClaim[count];
        for (var i = 0; i < read.Length; i++)
        {
            reader.TryReadBytes(NodeId.Size, out var issuer);
            reader.TryReadUInt64(out var time);
            reader.TryReadUInt64(out var confirmed);
            if (time > BestTime.MaxClaim || confirmed > time) { return false; }
            read[i] = new(NodeId.Read(issuer), (long)time, confirmed == 0 ? TimeClaim.Unconfirmed : (long)confirmed, IsLive: false);
        }
        claims = read;
        return true;
    }
}
