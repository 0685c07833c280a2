using System.Text;
using Coco.Cluster;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Media;

/// <summary>
/// What a stream consists of, signed by its producer:
/// <code>
/// description = epoch u64 ‖ version v ‖ count v ‖ count × ( length v ‖ name ‖ priority u8 ‖ deadline in ms v ‖ flags u8 (1: dependent) )
/// signed      = length v ‖ description ‖ Ed25519( producer; "coco media stream v1" ‖ network ‖ length v ‖ name of the stream ‖ description )
/// </code>
/// </summary>
internal sealed record StreamDescription(ulong Epoch, long Version, IReadOnlyList<TrackInfo> Tracks)
{
    /// <summary>More tracks than any node takes.</summary>
    public const int MaxTracks = 256;

    public byte[] Sign(IdentityKey key, NetworkId network, string name)
    {
        var body = Encode();
        var signed = new byte[VarInt.Length((ulong)body.Length) + body.Length + IdentityKey.SignatureSize];
        var writer = new SpanWriter(signed);
        writer.WriteVarInt((ulong)body.Length);
        writer.WriteBytes(body);
        key.Sign(Message(network, name, body), writer.Reserve(IdentityKey.SignatureSize));
        return signed;
    }

    /// <summary>Reads a signed one; null where it is none, or not this producer's for a stream of that name.</summary>
    public static StreamDescription? TryRead(ReadOnlySpan<byte> signed, NetworkId network, NodeId producer, string name)
    {
        var reader = new SpanReader(signed);
        if (!reader.TryReadVarIntBytes(out var body) || !reader.TryReadBytes(IdentityKey.SignatureSize, out var signature)) { return null; }
        return producer.Verify(Message(network, name, body), signature) ? TryRead(body) : null;
    }

    internal static StreamDescription? TryRead(ReadOnlySpan<byte> body)
    {
        var reader = new SpanReader(body);
        if (!reader.TryReadUInt64(out var epoch) || !reader.TryReadVarInt(out var version) || !reader.TryReadVarInt(out var count) || count > MaxTracks) { return null; }
        var tracks = new List<TrackInfo>();
        for (var i = 0; i < (int)count; i++)
        {
            if (!reader.TryReadVarIntBytes(out var name) || name.Length > Labels.MaxLength || !reader.TryReadByte(out var priority)) { return null; }
            if (!reader.TryReadVarInt(out var deadline) || deadline is 0 or > LiveObject.MaxDeadlineMs || !reader.TryReadByte(out var flags)) { return null; }
            var label = Encoding.ASCII.GetString(name);
            if (!Labels.IsValid(label) || tracks.Exists(one => one.Name == label)) { return null; }
            tracks.Add(new(label, priority, TimeSpan.FromMilliseconds((long)deadline), (flags & 1) != 0));
        }
        return new(epoch, (long)version, tracks);
    }

    internal byte[] Encode()
    {
        var bytes = new byte[sizeof(ulong) + (2 * VarInt.MaxLength) + (Tracks.Count * (Labels.MaxLength + 2 + (2 * VarInt.MaxLength)))];
        var writer = new SpanWriter(bytes);
        writer.WriteUInt64(Epoch);
        writer.WriteVarInt((ulong)Version);
        writer.WriteVarInt((ulong)Tracks.Count);
        foreach (var track in Tracks)
        {
            writer.WriteVarInt((ulong)track.Name.Length);
            writer.WriteBytes(Encoding.ASCII.GetBytes(track.Name));
            writer.WriteByte(track.Priority);
            writer.WriteVarInt((ulong)track.Deadline.TotalMilliseconds);
            writer.WriteByte(track.IsDependent ? (byte)1 : (byte)0);
        }
        return bytes[..writer.Position];
    }

    private static byte[] Message(NetworkId network, string name, ReadOnlySpan<byte> body)
    {
        var prefix = "coco media stream v1"u8;
        var bytes = new byte[prefix.Length + NetworkId.Size + 2 + name.Length + body.Length];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes(prefix);
        network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        writer.WriteVarInt((ulong)name.Length);
        writer.WriteBytes(Encoding.ASCII.GetBytes(name));
        writer.WriteBytes(body);
        return bytes[..writer.Position];
    }
}
