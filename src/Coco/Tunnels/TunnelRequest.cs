namespace Coco.Tunnels;

/// <summary>
/// What a stream of a tunnel's asks for. Its receiver decides, and answers one byte, a <see cref="TunnelAnswer"/>, or resets the stream.
/// <code>
/// list       0                                  answered: count varint ‖ count × ( kind varint (0 streams, 1 datagrams, 2 the streams before are RTSP) ‖ length varint ‖ name ), end
/// stream     1 ‖ length varint ‖ name           then bytes both ways
/// datagrams  2 ‖ length varint ‖ name ‖ flow    nothing follows: the stream lives as long as the flow
/// </code>
/// </summary>
internal enum TunnelRequest : ulong
{
    List = 0,
    Stream = 1,
    Datagrams = 2,
}
