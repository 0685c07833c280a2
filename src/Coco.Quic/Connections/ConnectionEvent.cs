using Coco.Quic.Paths;

namespace Coco.Quic.Connections;

/// <summary>Something that happened to a connection. Events of streams come from <see cref="QuicConnection.TryTakeStreamEvent"/>.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Path">The path it happened to, where it did to one.</param>
/// <param name="Value">The application's tag of a datagram, where it is about one.</param>
public readonly record struct ConnectionEvent(ConnectionEventKind Kind, PathId Path = default, ulong Value = 0);
