using System.Security.Cryptography;
using Coco.Cluster;
using Coco.Quic.Packets;

namespace Coco.ControlPlane.Client;

/// <summary>
/// How far an authority has seen the control plane's list of statements, and a hash over all of them in their order. On disk:
/// <code>
/// "COCOSEEN" ‖ version u8: 1 ‖ network (32) ‖ number u64 ‖ digest (32) ‖ first 8 bytes of SHA-256 of what is before
/// digest n = SHA-256( digest n-1 ‖ StatementId n ), digest 0 = zeros
/// </code>
/// Written to a file beside it, flushed and renamed, so that there is always a whole one.
/// </summary>
internal sealed class AuthorityMemory(NetworkId network)
{
    private const int Size = 8 + 1 + NetworkId.Size + sizeof(ulong) + SHA256.HashSizeInBytes;
    private const int CheckSize = 8;

    private static ReadOnlySpan<byte> Magic => "COCOSEEN"u8;

    public long Number { get; private set; }

    public byte[] Digest { get; private set; } = new byte[SHA256.HashSizeInBytes];

    public void Add(StatementId id)
    {
        Span<byte> bytes = stackalloc byte[StatementId.Size];
        id.CopyTo(bytes);
        (Number, Digest) = (Number + 1, SHA256.HashData((byte[])[.. Digest, .. bytes]));
    }

    /// <summary>Reads what an earlier life kept; null where there is no file.</summary>
    /// <exception cref="ControlPlaneException">It is another network's, or damaged.</exception>
    public static AuthorityMemory? Read(string path, NetworkId network)
    {
        if (!File.Exists(path)) { return null; }
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length != Size + CheckSize || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic) || bytes[Magic.Length] != 1
            || !SHA256.HashData(bytes.AsSpan(0, Size)).AsSpan(0, CheckSize).SequenceEqual(bytes.AsSpan(Size)))
        {
            throw new ControlPlaneException(ControlPlaneError.Invalid, $"{path} is not what an authority remembers, or not all of it. Nothing was changed; without it a control plane that forgot is not found out.");
        }
        var reader = new SpanReader(bytes.AsSpan(Magic.Length + 1, Size - Magic.Length - 1));
        if (!reader.TryReadBytes(NetworkId.Size, out var key) || !reader.TryReadUInt64(out var number) || !reader.TryReadBytes(SHA256.HashSizeInBytes, out var digest)
            || new NetworkId(Crypto.NodeId.Read(key)) != network)
        {
            throw new ControlPlaneException(ControlPlaneError.Invalid, $"{path} is of another network.");
        }
        return new(network) { Number = (long)number, Digest = digest.ToArray() };
    }

    public void Write(string path)
    {
        var bytes = new byte[Size + CheckSize];
        var writer = new SpanWriter(bytes);
        writer.WriteBytes(Magic);
        writer.WriteByte(1);
        network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        writer.WriteUInt64((ulong)Number);
        writer.WriteBytes(Digest);
        SHA256.HashData(bytes.AsSpan(0, Size)).AsSpan(0, CheckSize).CopyTo(bytes.AsSpan(Size));
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }
}
