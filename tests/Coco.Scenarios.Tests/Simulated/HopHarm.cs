namespace Coco.Scenarios.Tests.Simulated;

/// <summary>What a hostile node does to datagrams of others that it has agreed to pass on.</summary>
public enum HopHarm
{
    None,
    DropAll,
    DropSome,
    Reorder,
    Duplicate,
    SwapPayloads,
}
