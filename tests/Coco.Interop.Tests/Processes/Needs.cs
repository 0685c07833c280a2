namespace Coco.Interop.Tests.Processes;

/// <summary>Programs that tests need, and what runs only when asked for.</summary>
internal static class Needs
{
    /// <summary>Whether the full counts of the issue are wanted (<c>./test --all</c>).</summary>
    public static bool All => Environment.GetEnvironmentVariable("COCO_ALL") == "1";

    /// <summary>The folder of the solution, wherever the tests were built to.</summary>
    public static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Coco.slnx"))) { folder = Path.GetDirectoryName(folder); }
            return folder ?? throw new InvalidOperationException("The tests do not run below the folder of Coco.slnx.");
        }
    }

    /// <summary>Skips the test where a program is missing. Where <c>CI=true</c> that is a failure: there it is installed.</summary>
    public static void Program(string program, string install)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.Any(folder => File.Exists(Path.Combine(folder, program)))) { return; }
        var reason = $"NOT TESTED: {program} is not installed. Install it: {install}";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
    }

    public static void FullRun() => Assert.SkipUnless(All, "NOT TESTED in a short run: set COCO_ALL=1, or run ./test --all");
}
