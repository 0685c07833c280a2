using Coco.Lab;

namespace Coco.Benchmarks.Throughput;

/// <summary>Starts the two processes of a transfer: the sender on core 0, the receiver on core 1, as in the measurements we compare with.</summary>
internal static class Ends
{
    public const int Port = 4433;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Starts one of this program's own commands.</summary>
    public static LabProcess StartSelf(NetNamespace space, int core, params IEnumerable<string> arguments) =>
        Start(space, core, Environment.ProcessPath!, [.. Hosted(), .. arguments]);

    /// <summary>The same, bound to no core.</summary>
    public static LabProcess StartSelf(NetNamespace space, IEnumerable<string> arguments) => space.Start(Environment.ProcessPath!, [.. Hosted(), .. arguments]);

    /// <summary>The same, in no namespace of its own.</summary>
    public static LabProcess StartSelf(IEnumerable<string> arguments) => LabProcess.Start(Environment.ProcessPath!, [.. Hosted(), .. arguments]);

    /// <summary>The same, with everything compiled in full when it is first called, the framework too: what is compiled once more in the background, when it has been
    /// called often, has a core for milliseconds at a time, and of a thousand messages a second a hundredth waits for that.</summary>
    public static LabProcess StartSelfCompiled(IEnumerable<string> arguments) =>
        LabProcess.Start("env", ["DOTNET_TieredCompilation=0", "DOTNET_ReadyToRun=0", Environment.ProcessPath!, .. Hosted(), .. arguments]);

    public static LabProcess Start(NetNamespace space, int core, string program, params IEnumerable<string> arguments) =>
        space.Start("taskset", ["-c", (core % Environment.ProcessorCount).ToString(), program, .. arguments]);

    // `dotnet Coco.Benchmarks.dll` unless this is the program's own executable.
    private static IEnumerable<string> Hosted() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? [typeof(Ends).Assembly.Location] : [];
}
