using System.Buffers.Binary;

namespace Coco.Traversal.PortMapping.Pcp;

/// <summary>Responses (RFC 6887 §7.2), of any version, so that the header of an UNSUPP_VERSION is understood (§9):
/// <code>
/// version 1 │ 1 + opcode 1 │ reserved 1 │ result 1 │ lifetime 4, seconds │ epoch 4, seconds │ reserved 12 │ body of the opcode
/// </code>
/// </summary>
/// <param name="Version">Of the server.</param>
/// <param name="Opcode">Of the request.</param>
/// <param name="Result">How it went.</param>
/// <param name="Lifetime">Seconds the mapping, or the error, lasts.</param>
/// <param name="Epoch">Seconds the server has kept its state.</param>
/// <param name="Map">The mapping, for that opcode.</param>
internal readonly record struct PcpResponse(byte Version, PcpOpcode Opcode, PcpResult Result, uint Lifetime, uint Epoch, PcpMap? Map)
{
    // §7: a PCP message is at most 1,100 bytes.
    private const int MaxLength = 1100;

    public static bool TryParse(ReadOnlySpan<byte> datagram, out PcpResponse response)
    {
        response = default;
        // §8.3: too short, too long, not a multiple of 4, or not a response: silently dropped.
        if (datagram.Length is < PcpRequest.HeaderLength or > MaxLength || datagram.Length % 4 != 0 || (datagram[1] & 0x80) == 0) { return false; }

        var opcode = (PcpOpcode)(datagram[1] & 0x7F);
        var body = datagram[PcpRequest.HeaderLength..];
        PcpMap? map = null;
        if (opcode is PcpOpcode.Map && datagram[0] == PcpRequest.Version)
        {
            if (body.Length < PcpMap.Length) { return false; }
            map = PcpMap.Read(body);
        }
        response = new(
            datagram[0], opcode, (PcpResult)datagram[3],
            BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]), BinaryPrimitives.ReadUInt32BigEndian(datagram[8..]), map);
        return true;
    }
}
