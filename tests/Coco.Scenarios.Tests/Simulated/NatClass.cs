using Coco.Lab.Simulated;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>What the probe makes of a NAT.</summary>
internal sealed record NatClass(bool IsMappingEndpointIndependent, bool KeepsPort, NatFiltering Filtering);
