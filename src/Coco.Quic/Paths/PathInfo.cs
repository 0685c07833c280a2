namespace Coco.Quic.Paths;

/// <summary>What the host knows of a path when it hands a datagram in or asks for a connection.</summary>
/// <param name="Id">The host's number for the path.</param>
/// <param name="Kind">Datagrams or a reliable underlay.</param>
/// <param name="MaxDatagramSize">Largest datagram in bytes that the path could take (interface MTU less IP and UDP headers); what
/// it does take is found by probing (RFC 8899). From 1,200 to 65,527.</param>
/// <param name="AddressTag">The host's keyed hash of the peer's IP address, so that an address validation token holds for that
/// address alone (RFC 9000 §8.1.4); zero when the host has none to give. The core sees no more of an address than this.</param>
/// <param name="Underlay">The host's number of the byte stream that the path goes over, on its first leg or all the way; zero for none.
/// Paths over one stream have the same, and wait together while it is full (<see cref="Connections.QuicEndpoint.HoldUnderlay"/>).</param>
public readonly record struct PathInfo(PathId Id, PathKind Kind = PathKind.Datagram, int MaxDatagramSize = 1472, ulong AddressTag = 0, int Underlay = 0);
