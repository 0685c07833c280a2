using System.Buffers.Binary;

namespace Coco.Traversal.PortMapping.NatPmp;

/// <summary>Responses (RFC 6886 §3.2, §3.3); failures may end after the epoch:
/// <code>
/// 0 │ 128 + opcode 1 │ result 2 │ epoch 4, seconds │ external address 4
/// 0 │ 128 + opcode 1 │ result 2 │ epoch 4, seconds │ internal port 2 │ external port 2 │ lifetime 4, seconds
/// </code>
/// </summary>
/// <param name="Opcode">Of the request.</param>
/// <param name="Result">How it went.</param>
/// <param name="Epoch">Seconds the server has kept its state.</param>
/// <param name="Address">The router's outer address, port 0.</param>
/// <param name="InternalPort">Our port; 0 where a failure does not name it.</param>
/// <param name="ExternalPort">The router's port.</param>
/// <param name="Lifetime">Seconds the mapping lasts.</param>
internal readonly record struct NatPmpResponse(
    byte Opcode, NatPmpResult Result, uint Epoch, NetworkAddress Address, int InternalPort, int ExternalPort, uint Lifetime)
{
    private const int HeaderLength = 8;

    public static bool TryParse(ReadOnlySpan<byte> datagram, out NatPmpResponse response)
    {
        response = default;
        if (datagram.Length < HeaderLength || datagram[0] != NatPmpRequest.Version || (datagram[1] & 0x80) == 0) { return false; }

        response = new()
        {
            Opcode = (byte)(datagram[1] & 0x7F),
            Result = (NatPmpResult)BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]),
            Epoch = BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]),
        };
        var body = datagram[HeaderLength..];
        var isSuccess = response.Result is NatPmpResult.Success;
        switch (response.Opcode)
        {
            case NatPmpRequest.AddressOpcode:
                if (body.Length < 4) { return !isSuccess; }
                response = response with { Address = NetworkAddress.FromIpv4(BinaryPrimitives.ReadUInt32BigEndian(body), 0) };
                return true;
            case NatPmpRequest.UdpOpcode or NatPmpRequest.TcpOpcode:
                if (body.Length < 8) { return !isSuccess; }
                response = response with
                {
                    InternalPort = BinaryPrimitives.ReadUInt16BigEndian(body),
                    ExternalPort = BinaryPrimitives.ReadUInt16BigEndian(body[2..]),
                    Lifetime = BinaryPrimitives.ReadUInt32BigEndian(body[4..]),
                };
                return true;
            default:
                return !isSuccess;
        }
    }
}
