namespace Coco.ControlPlane.Client.Contracts.Usage;

/// <summary>What a network used of a month, and may.</summary>
/// <param name="Month">The calendar month of UTC, <c>2026-11</c>.</param>
/// <param name="Plan">The network's plan.</param>
/// <param name="RelayedBytes">Bytes that relays carried for its nodes, each counted once, for who sent it.</param>
/// <param name="ControlBytes">Bytes between its nodes and the control plane, both ways.</param>
/// <param name="AllowedBytes">How many both may be together. Beyond, relayed data goes on at the plan's trickle; nothing is cut off.</param>
/// <param name="Nodes">Nodes the network has here.</param>
/// <param name="AllowedNodes">How many it may have.</param>
/// <param name="Warnings">When it reached 80 and 100 percent, the newest first.</param>
public sealed record UsageView(
    string Month, string Plan, long RelayedBytes, long ControlBytes, long AllowedBytes, long Nodes, long AllowedNodes, IReadOnlyList<UsageWarningView> Warnings);
