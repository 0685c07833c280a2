namespace Coco.Benchmarks.Throughput;

/// <summary>Finds the programs of other projects: on the path, or unpacked below artifacts/peers by <c>./bench</c>.</summary>
internal static class PeerPrograms
{
    /// <summary>The folder of this repository.</summary>
    public static string Repository { get; } = FindRepository();

    private static string Unpacked => Path.Combine(Repository, "artifacts", "peers");

    /// <summary>Where a program is, or null.</summary>
    public static string? Find(string program)
    {
        var folders = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin:{Unpacked}/usr/bin:{Unpacked}/usr/sbin".Split(':');
        return folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
    }

    /// <summary>Where a program is that <see cref="ReasonWithout"/> has found.</summary>
    public static string Get(string program) => Find(program) ?? throw new InvalidOperationException($"{program} is missing");

    /// <summary>What is missing, or null.</summary>
    public static string? ReasonWithout(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => Find(program) is null)];
        return missing.Length == 0 ? null : $"{string.Join(", ", missing)} not installed (./bench says how)";
    }

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Coco.slnx"))) { return folder.FullName; }
        }
        throw new InvalidOperationException("this program does not lie in the repository that it measures");
    }
}
