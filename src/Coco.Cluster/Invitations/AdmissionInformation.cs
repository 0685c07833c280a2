using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Cluster.Invitations;

/// <summary>
/// The answer to a <see cref="NodeInformation"/>: what a welcome would have brought. Certificate and statements carry their signatures;
/// which network one wants to be in is for the importer to say.
/// <code>
/// text = "cocomember1" ‖ base32( body ‖ checksum 4 )
/// body = version u8: 1 ‖ network 32 ‖ node 32 ‖ certificate (varint length ‖ bytes) ‖ count varint ‖ count × statement (varint length ‖ bytes)
///        ‖ count varint ‖ count × address record (varint length ‖ bytes) of members to connect to                    at most 1 MiB
/// </code>
/// </summary>
internal sealed record AdmissionInformation(
    NetworkId Network,
    NodeId Node,
    ReadOnlyMemory<byte> Certificate,
    IReadOnlyList<ReadOnlyMemory<byte>> Statements,
    IReadOnlyList<ReadOnlyMemory<byte>> AddressRecords)
{
    public const int MaxLength = 1 << 20;
    public const int MaxStatements = 4_096;
    public const int MaxAddressRecords = 16;

    private const string Prefix = "cocomember1";
    private const byte Version = 1;

    public string Export()
    {
        var length = 1 + NetworkId.Size + NodeId.Size + Certificate.Length + (3 * VarInt.MaxLength)
            + Statements.Concat(AddressRecords).Sum(item => item.Length + VarInt.MaxLength);
        var bytes = new byte[length];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(Version);
        Network.Key.CopyTo(writer.Reserve(NetworkId.Size));
        Node.CopyTo(writer.Reserve(NodeId.Size));
        Write(ref writer, Certificate);
        foreach (var list in new[] { Statements, AddressRecords })
        {
            writer.WriteVarInt((ulong)list.Count);
            foreach (var item in list) { Write(ref writer, item); }
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(writer.Position, MaxLength, nameof(Statements));
        return ArmouredText.Write(Prefix, writer.Written);
    }

    /// <summary>Reads what a node was sent, if it is for it.</summary>
    public static bool TryImport(ReadOnlySpan<char> text, NodeId self, [NotNullWhen(true)] out AdmissionInformation? admission)
    {
        admission = null;
        return ArmouredText.TryRead(Prefix, text, MaxLength, out var bytes) && TryRead(bytes, out admission) && admission.Node == self;
    }

    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out AdmissionInformation? admission)
    {
        admission = null;
        var reader = new SpanReader(bytes);
        if (!reader.TryReadByte(out var version) || version != Version || !reader.TryReadBytes(NetworkId.Size, out var network)) { return false; }
        if (!reader.TryReadBytes(NodeId.Size, out var node) || !reader.TryReadVarIntBytes(out var certificate)) { return false; }
        if (certificate.Length > WelcomeMessage.MaxCertificateLength) { return false; }
        if (!TryReadList(ref reader, MaxStatements, out var statements) || !TryReadList(ref reader, MaxAddressRecords, out var records)) { return false; }
        admission = new(new(NodeId.Read(network)), NodeId.Read(node), certificate.ToArray(), statements, records);
        return true;
    }

    private static bool TryReadList(ref SpanReader reader, int maxCount, out List<ReadOnlyMemory<byte>> list)
    {
        list = [];
        if (!reader.TryReadVarInt(out var count) || count > (ulong)maxCount) { return false; }
        for (var i = 0ul; i < count; i++)
        {
            if (!reader.TryReadVarIntBytes(out var item) || item.Length is 0 or > StatementFrames.MaxStatementLength) { return false; }
            list.Add(item.ToArray());
        }
        return true;
    }

    private static void Write(ref SpanWriter writer, ReadOnlyMemory<byte> item)
    {
        writer.WriteVarInt((ulong)item.Length);
        writer.WriteBytes(item.Span);
    }
}
