using System.Buffers;
using System.Buffers.Binary;

namespace Coco.Traversal.Finding;

/// <summary>
/// All addresses at which a node may be reached, each time anew.
/// <code>
/// +---------------+-----------+---------+---------+--------------------------------+
/// | generation 32 | mapping 8 | flags 8 | count 8 | count × { kind 8, address 56   |
/// |               |           |         |         |           (IPv4) or 152 (IPv6)} |
/// +---------------+-----------+---------+---------+--------------------------------+
/// </code>
/// Kinds that a reader does not know are skipped; more than 32 entries, or bytes left over, make the message invalid.
/// </summary>
internal sealed record CandidatesMessage(uint Generation, MappingClass Mapping, PeerFlags Flags, IReadOnlyList<PeerCandidate> Candidates)
{
    public const int MaxCount = 32;

    private const int HeaderLength = 7;

    public void Write(IBufferWriter<byte> output)
    {
        var span = output.GetSpan(HeaderLength + (Candidates.Count * (1 + NetworkAddress.MaxWireLength)));
        BinaryPrimitives.WriteUInt32BigEndian(span, Generation);
        span[4] = (byte)Mapping;
        span[5] = (byte)Flags;
        span[6] = (byte)Candidates.Count;
        var length = HeaderLength;
        foreach (var candidate in Candidates)
        {
            span[length++] = (byte)candidate.Kind;
            length += candidate.Address.Write(span[length..]);
        }
        output.Advance(length);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out CandidatesMessage? message)
    {
        message = null;
        if (body.Length < HeaderLength || body[6] > MaxCount) { return false; }
        var candidates = new PeerCandidate[body[6]];
        var count = 0;
        var rest = body[HeaderLength..];
        for (var left = body[6]; left > 0; left--)
        {
            if (rest.IsEmpty || !NetworkAddress.TryRead(rest[1..], out var address, out var length)) { return false; }
            var kind = (CandidateKind)rest[0];
            rest = rest[(1 + length)..];
            if (kind is >= CandidateKind.Host and <= CandidateKind.TcpReflexive) { candidates[count++] = new(kind, address); }
        }
        if (!rest.IsEmpty) { return false; }
        var mapping = body[4] <= (byte)MappingClass.Dependent ? (MappingClass)body[4] : MappingClass.Unknown;
        message = new(BinaryPrimitives.ReadUInt32BigEndian(body), mapping, (PeerFlags)body[5], count == candidates.Length ? candidates : candidates[..count]);
        return true;
    }
}
