using Coco.Lab;

namespace Coco.Scenarios.Tests.Samples;

/// <summary>A sample, as people run it: a process of its own on a machine of its own.</summary>
internal static class SampleProgram
{
    public static LabProcess Start(NetNamespace machine, string sample, params string[] arguments) =>
        machine.Start(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet", [FileOf(sample), .. arguments]);

    private static string FileOf(string sample)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Coco.slnx"))) { folder = folder.Parent ?? throw new InvalidOperationException("these tests do not lie in their repository"); }
        // The same configuration as this test's.
        var output = Path.GetRelativePath(Path.Combine(folder.FullName, "tests", "Coco.Scenarios.Tests"), AppContext.BaseDirectory);
        return Path.Combine(folder.FullName, "samples", sample, output, $"{sample}.dll");
    }
}
