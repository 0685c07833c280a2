namespace Coco.Hosting;

/// <summary>
/// The first bytes of a stream between two nodes say what it is for.
/// <code>
/// stream      = kind varint ‖ …
/// mesh        = frames                                       bidirectional, opened by the caller, one per connection
/// join        = frames                                       bidirectional, opened by the joiner
/// time        = network ‖ nonce                              bidirectional, to a control plane; Coco.Cluster's LiveTime
/// news        = what is new in the network                   bidirectional, to a control plane; Coco.Cluster's PlaneNews
/// app         = session varint ‖ the app's bytes             either direction; what a session is, NodeConnection says
/// service     = session varint ‖ length varint ‖ name ‖ …    bidirectional; answered by one byte 0x00, then the app's bytes both ways
/// tunnel      = session varint ‖ request                      bidirectional, opened by who uses a tunnel; see TunnelRequest and FlowHeader
/// message     = session varint ‖ …                            the node's messages; so with topic, media and data
/// session end = session varint ‖ streams varint ‖ code varint   unidirectional: nothing comes but those streams
/// datagram    = session varint ‖ the app's bytes
/// </code>
/// </summary>
internal enum StreamKind : ulong
{
    Mesh = 0x00,
    Join = 0x01,
    Time = 0x02,
    News = 0x03,
    App = 0x10,
    Service = 0x11,
    SessionEnd = 0x12,
    Tunnel = 0x20,
    Message = 0x21,
    Topic = 0x22,
    Media = 0x23,
    Data = 0x24,
}
