namespace Coco.Scenarios.Tests.Kernel;

/// <summary>What a probe found of a NAT, in the words of RFC 4787 §4.1, §4.2.1 and §5.</summary>
internal sealed record NatBehaviour(Dependence Mapping, bool KeepsPort, Dependence Filtering);
