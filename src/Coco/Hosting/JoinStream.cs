using Coco.Cluster.Invitations;
using Coco.Cluster.Mesh;
using Coco.Quic.Packets;

namespace Coco.Hosting;

/// <summary>Frames of the join protocol: type varint ‖ length varint ‖ body, as all frames between nodes.</summary>
internal static class JoinStream
{
    public static ReadOnlySpan<byte> ExporterLabel => "EXPORTER-coco-join"u8;

    public static byte[] Encode(in JoinFrame frame)
    {
        var bytes = new byte[(2 * VarInt.MaxLength) + frame.Body.Length];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt((ulong)frame.Type);
        writer.WriteVarInt((ulong)frame.Body.Length);
        writer.WriteBytes(frame.Body.Span);
        return bytes[..writer.Position];
    }

    /// <summary>The first of some whole frames.</summary>
    public static JoinFrame Take(ref Memory<byte> frames)
    {
        var reader = new SpanReader(frames.Span);
        reader.TryReadVarInt(out var type);
        reader.TryReadVarInt(out var length);
        var body = frames.Slice(reader.Position, (int)length);
        frames = frames[(reader.Position + (int)length)..];
        return new((JoinFrameType)type, body);
    }

    /// <summary>The next frame of a stream; null at its end, or where what comes is none.</summary>
    public static async ValueTask<JoinFrame?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (await StreamHeader.ReadVarIntAsync(stream, cancellationToken).ConfigureAwait(false) is not { } type) { return null; }
        if (await StreamHeader.ReadVarIntAsync(stream, cancellationToken).ConfigureAwait(false) is not { } length || length > MeshNode.MaxFrame) { return null; }
        var body = new byte[(int)length];
        var read = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read == body.Length ? new JoinFrame((JoinFrameType)type, body) : null;
    }
}
