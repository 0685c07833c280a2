namespace Coco.Quic.Paths;

/// <summary>Names one way packets can travel. The host gives the number its meaning (an address pair, a relay session); the core
/// compares it and hands it back, and never learns an address.</summary>
public readonly record struct PathId(int Value);
