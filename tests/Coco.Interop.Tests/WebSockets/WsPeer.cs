using Coco.Interop.Tests.Processes;

namespace Coco.Interop.Tests.WebSockets;

/// <summary>ws, the WebSocket library of Node.js, driven by <c>peer/peer.mjs</c>.</summary>
internal static class WsPeer
{
    private static readonly Lazy<string> Problem = new(Install);

    // Below artifacts/, which git ignores, and kept between runs.
    private static string Folder => Path.Combine(Needs.Repository, "artifacts", "interop", "ws");

    public static void SkipIfMissing()
    {
        Needs.Program("node", "Node.js 20 or later");
        Needs.Program("npm", "Node.js 20 or later");
        Assert.SkipUnless(Problem.Value.Length == 0, $"NOT TESTED: npm could not install ws in {Folder}: {Problem.Value}");
    }

    public static ForeignProcess Start(params IEnumerable<string> arguments) => new("node", ["peer.mjs", .. arguments], Folder);

    private static string Install()
    {
        Directory.CreateDirectory(Folder);
        var source = Path.Combine(Needs.Repository, "tests", "Coco.Interop.Tests", "WebSockets", "peer");
        foreach (var file in Directory.GetFiles(source)) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true); }
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "ws"))) { return ""; }

        using var npm = new ForeignProcess("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Folder);
        var deadline = Deadline.In(TimeSpan.FromMinutes(2));
        while (!npm.HasExited && !deadline.IsOver) { Thread.Sleep(50); }
        if (npm.HasExited && npm.ExitCode == 0) { return ""; }
        return npm.Output.Length > 0 ? npm.Output : "it took more than two minutes";
    }
}
