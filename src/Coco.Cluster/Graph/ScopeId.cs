using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Coco.Quic.Packets;

namespace Coco.Cluster.Graph;

/// <summary>
/// How far an advertisement goes: through one sub-cluster and the core nodes that keep it, through everything (<see cref="Core"/>), or
/// among core nodes only (<see cref="Attachments"/>, which says who keeps which sub-cluster).
/// </summary>
internal readonly record struct ScopeId
{
    private readonly string? _name;

    private ScopeId(string name) => _name = name;

    /// <summary>What the core says to everybody: the links among core nodes.</summary>
    public static ScopeId Core { get; } = new(SubClusterId.Core.Name);

    /// <summary>What core nodes say to core nodes only. No label is empty, so no sub-cluster has this name.</summary>
    public static ScopeId Attachments { get; } = new("");

    public string Name => _name ?? "";

    public bool IsCore => Equals(Core);

    public bool IsAttachments => Name.Length == 0;

    /// <summary>Whether this is the scope of a sub-cluster other than the core.</summary>
    public bool IsSubCluster => !IsCore && !IsAttachments;

    public int WireLength => 1 + Name.Length;

    public static ScopeId Of(SubClusterId subCluster) => new(subCluster.Name);

    /// <summary>Eight bytes that stand for the scope in the advertisements of <see cref="Attachments"/> and in choosing its keepers.</summary>
    public NodeTag Tag()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.ASCII.GetBytes(Name), hash);
        return new(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }

    public void Write(ref SpanWriter writer)
    {
        writer.WriteByte((byte)Name.Length);
        Encoding.ASCII.GetBytes(Name, writer.Reserve(Name.Length));
    }

    public static bool TryRead(ref SpanReader reader, out ScopeId scope)
    {
        scope = Attachments;
        if (!reader.TryReadByteLengthBytes(out var bytes) || bytes.Length > Labels.MaxLength) { return false; }
        if (bytes.IsEmpty) { return true; }
        Span<char> text = stackalloc char[bytes.Length];
        if (Encoding.ASCII.GetChars(bytes, text) != bytes.Length || !Labels.IsValid(text)) { return false; }
        scope = text.SequenceEqual(Core.Name) ? Core : new(new string(text));
        return true;
    }

    public override string ToString() => IsAttachments ? "attachments" : Name;
}
