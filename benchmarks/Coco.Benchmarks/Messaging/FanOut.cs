namespace Coco.Benchmarks.Messaging;

/// <summary>So many publish to one topic, and each of so many subscribers gets everything.</summary>
internal readonly record struct FanOut(int Publishers, int Subscribers)
{
    public string Name => $"{Publishers}to{Subscribers}";

    public static FanOut Parse(string text)
    {
        var at = text.IndexOf("to", StringComparison.Ordinal);
        return new(int.Parse(text.AsSpan(0, at)), int.Parse(text.AsSpan(at + 2)));
    }
}
