using System.Globalization;

namespace Coco.Quic.Tests.Fuzzing;

/// <summary>How many inputs the fuzz tests try together: COCO_FUZZ, else ten million with COCO_ALL and 200,000
/// without.</summary>
internal static class FuzzBudget
{
    public const int Default = 200_000;
    public const int Full = 10_000_000;

    public static int Total { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("COCO_FUZZ"), CultureInfo.InvariantCulture, out var total) ? total
        : Environment.GetEnvironmentVariable("COCO_ALL") == "1" ? Full : Default;

    /// <summary>The share of one test, in percent; the shares of all fuzz tests add up to 100.</summary>
    public static int Share(int percent) => (int)((long)Total * percent / 100);

    /// <summary>Runs inputs numbered from zero. The number of a failing one is its seed, and is in the message.</summary>
    public static void Run(int percent, Action<FuzzRandom> tryOne)
    {
        var count = Share(percent);
        for (var seed = 0; seed < count; seed++)
        {
            try
            {
                tryOne(new((ulong)seed));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Fuzz input {seed} failed: {exception.Message}", exception);
            }
        }
        Figures.Add($"fuzz inputs, {TestContext.Current.TestMethod?.MethodName.Replace('_', ' ')}", $"{count:N0}, 0 failed");
    }
}
