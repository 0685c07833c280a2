using System.Text;
using Coco.Cluster;
using Coco.Quic.Packets;

namespace Coco.Hosting;

/// <summary>Reads and writes what stands at the beginning of a stream (<see cref="StreamKind"/>), and not a byte more.</summary>
internal static class StreamHeader
{
    /// <summary>Bytes that the name of a service may have.</summary>
    public const int MaxServiceName = 64;

    /// <summary>Writes integers, shortest form first.</summary>
    public static byte[] Of(StreamKind kind, params ReadOnlySpan<ulong> values)
    {
        Span<byte> bytes = stackalloc byte[VarInt.MaxLength * (values.Length + 1)];
        var writer = new SpanWriter(bytes);
        writer.WriteVarInt((ulong)kind);
        foreach (var value in values) { writer.WriteVarInt(value); }
        return writer.Written.ToArray();
    }

    public static byte[] OfService(ulong session, string service)
    {
        var name = Encoding.ASCII.GetBytes(service);
        return [.. Of(StreamKind.Service, session, (ulong)name.Length), .. name];
    }

    /// <summary>The beginning of a tunnel's stream: what is asked for, of which service, and more.</summary>
    public static byte[] OfTunnel(ulong session, ulong request, string? service = null, params ReadOnlySpan<ulong> values)
    {
        byte[] begin = Of(StreamKind.Tunnel, session, request);
        if (service is null) { return begin; }
        Span<byte> rest = stackalloc byte[VarInt.MaxLength * values.Length];
        var writer = new SpanWriter(rest);
        foreach (var value in values) { writer.WriteVarInt(value); }
        return [.. begin, (byte)service.Length, .. Encoding.ASCII.GetBytes(service), .. writer.Written];
    }

    /// <summary>The next integer; null at the end of the stream.</summary>
    public static async ValueTask<ulong?> ReadVarIntAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[VarInt.MaxLength];
        if (await stream.ReadAtLeastAsync(bytes.AsMemory(0, 1), 1, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) == 0) { return null; }
        var rest = (1 << (bytes[0] >> 6)) - 1; // RFC 9000 §16
        if (await stream.ReadAtLeastAsync(bytes.AsMemory(1, rest), rest, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < rest) { return null; }
        return VarInt.TryRead(bytes, out var value, out _) ? value : null;
    }

    /// <summary>The name of a service; null where there is none that could be one.</summary>
    public static async ValueTask<string?> ReadServiceAsync(Stream stream, CancellationToken cancellationToken)
    {
        var length = await ReadVarIntAsync(stream, cancellationToken).ConfigureAwait(false);
        if (length is null or 0 or > MaxServiceName) { return null; }
        var bytes = new byte[(int)length];
        if (await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < bytes.Length) { return null; }
        var name = Encoding.ASCII.GetString(bytes);
        return Labels.IsValid(name) ? name : null;
    }
}
