namespace Coco.ControlPlane.Settings;

/// <summary>What a network may use.</summary>
internal sealed record PlanSettings
{
    /// <summary>Bytes in a calendar month, relayed and of control connections together. From 0 to 10^18, default 100 MB.</summary>
    public long BytesPerMonth { get; init; } = 100_000_000;

    /// <summary>Relayed bytes per second, at each instance. From 1,000 to 50 billion, default 12.5 million.</summary>
    public long BytesPerSecond { get; init; } = 12_500_000;

    /// <summary>Relayed bytes per second once the month's are used up, at each instance. From 0 to 50 billion, default 64,000.</summary>
    public long BytesPerSecondBeyond { get; init; } = 64_000;

    /// <summary>Networks of one account and its apps together. From 0 to 1,000,000, default 1.</summary>
    public int Networks { get; init; } = 1;

    /// <summary>Nodes of one network. From 0 to 100,000,000, default 3.</summary>
    public int Nodes { get; init; } = 3;

    public IEnumerable<string> Validate(string name)
    {
        if (BytesPerMonth is < 0 or > 1_000_000_000_000_000_000) { yield return $"Relaying.Plans.{name}.BytesPerMonth is from 0 to 10^18."; }
        if (BytesPerSecond is < 1_000 or > 50_000_000_000) { yield return $"Relaying.Plans.{name}.BytesPerSecond is from 1,000 to 50,000,000,000."; }
        if (BytesPerSecondBeyond is < 0 or > 50_000_000_000) { yield return $"Relaying.Plans.{name}.BytesPerSecondBeyond is from 0 to 50,000,000,000."; }
        if (Networks is < 0 or > 1_000_000) { yield return $"Relaying.Plans.{name}.Networks is from 0 to 1,000,000."; }
        if (Nodes is < 0 or > 100_000_000) { yield return $"Relaying.Plans.{name}.Nodes is from 0 to 100,000,000."; }
    }
}
