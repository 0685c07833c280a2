namespace Coco.Transport.Netcheck;

/// <summary>What came of asking the default routers to open a port.</summary>
/// <param name="Mappings">The ports they opened; none where no router does so.</param>
/// <param name="IsRemoved">Whether all of them were closed again; what was not expires by itself.</param>
public sealed record PortMappingCheck(IReadOnlyList<OpenedPort> Mappings, bool IsRemoved);
