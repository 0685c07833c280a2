using System.Text;
using Coco.Quic.Packets;

namespace Coco.Interop.Tests.Http3;

/// <summary>The frames of HTTP/3 that the tests need (RFC 9114 §7), with QPACK's static table alone (RFC 9204).</summary>
internal static class Http3Frames
{
    public const ulong Data = 0x00;
    public const ulong Headers = 0x01;

    /// <summary>":status: 200" as an indexed field line, entry 25 of the static table (RFC 9204 §4.5.2).</summary>
    public const byte Status200 = 0xc0 | 25;

    /// <summary>HEADERS with ":status: 200", and the head of the DATA frame that takes the rest of the stream.</summary>
    public static int WriteResponseHead(Span<byte> destination, int bodyLength)
    {
        ReadOnlySpan<byte> fields = [0, 0, Status200]; // Required Insert Count and Base of zero (§4.5.1)
        var length = VarInt.Write(destination, Headers);
        length += VarInt.Write(destination[length..], (ulong)fields.Length);
        fields.CopyTo(destination[length..]);
        length += fields.Length;
        length += VarInt.Write(destination[length..], Data);
        return length + VarInt.Write(destination[length..], (ulong)bodyLength);
    }

    /// <summary>HEADERS of "GET https://localhost/path".</summary>
    public static byte[] Request(string path)
    {
        // Entries 17 ":method: GET" and 23 ":scheme: https" by index; names 0 ":authority" and 1 ":path" with literal values (§4.5.4).
        List<byte> fields = [0, 0, 0xc0 | 17, 0xc0 | 23];
        AddLiteral(fields, name: 0, "localhost");
        AddLiteral(fields, name: 1, path);
        Span<byte> head = stackalloc byte[16];
        var length = VarInt.Write(head, Headers);
        length += VarInt.Write(head[length..], (ulong)fields.Count);
        return [.. head[..length], .. fields];
    }

    private static void AddLiteral(List<byte> fields, byte name, string value)
    {
        Assert.InRange(value.Length, 0, 126); // one byte of a 7-bit prefix integer, without Huffman coding
        fields.Add((byte)(0x50 | name)); // 01, N = 0, T = 1: the static table
        fields.Add((byte)value.Length);
        fields.AddRange(Encoding.ASCII.GetBytes(value));
    }
}
