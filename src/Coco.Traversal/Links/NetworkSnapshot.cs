namespace Coco.Traversal.Links;

/// <summary>The host's sockets and addresses at one moment.</summary>
/// <param name="Sockets">The UDP sockets that serve all connections: one for each address family at most.</param>
/// <param name="Interfaces">Addresses of the interfaces that may be used, at most 64.</param>
/// <param name="TcpPort">Where TCP links are listened for; 0 for nowhere.</param>
public sealed record NetworkSnapshot(IReadOnlyList<LocalSocket> Sockets, IReadOnlyList<InterfaceAddress> Interfaces, int TcpPort = 0);
