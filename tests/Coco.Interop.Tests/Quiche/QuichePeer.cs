using System.Globalization;
using System.Net;
using Coco.Interop.Tests.Processes;

namespace Coco.Interop.Tests.Quiche;

/// <summary>quiche, Cloudflare's stack in Rust, driven by <c>peer/peer.mjs</c> through its npm binding.</summary>
internal static class QuichePeer
{
    public const string Alpn = "coco-echo";

    private static readonly Lazy<string> Problem = new(Install);

    // Below artifacts/, which git ignores, and kept between runs.
    private static string Folder => Path.Combine(Needs.Repository, "artifacts", "interop", "quiche");

    public static void SkipIfMissing()
    {
        Needs.Program("node", "Node.js 20 or later");
        Needs.Program("npm", "Node.js 20 or later");
        Assert.SkipUnless(Problem.Value.Length == 0, $"NOT TESTED: npm could not install @matrixai/quic in {Folder}: {Problem.Value}");
    }

    public static ForeignProcess Client(IPEndPoint server, int streams, int bytes) => new("node",
    [
        "peer.mjs", "client", Text(server.Port), Text(streams), Text(bytes),
    ], Folder);

    public static (ForeignProcess Process, IPEndPoint Address) Server(TestCertificate certificate)
    {
        const string Listening = "listening ";
        var process = new ForeignProcess("node", ["peer.mjs", "server", certificate.KeyFile, certificate.CertificateFile], Folder);
        var deadline = Deadline.In(TimeSpan.FromSeconds(20));
        while (!process.Output.Contains(Listening, StringComparison.Ordinal))
        {
            Assert.False(process.HasExited || deadline.IsOver, process.Output);
            Thread.Sleep(10);
        }
        var port = process.Output.Split(Listening)[1].Split('\n')[0];
        return (process, new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)));
    }

    private static string Install()
    {
        Directory.CreateDirectory(Folder);
        var source = Path.Combine(Needs.Repository, "tests", "Coco.Interop.Tests", "Quiche", "peer");
        foreach (var file in Directory.GetFiles(source)) { File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true); }
        // Written when npm is done: the same lock needs no second install.
        var stamp = Path.Combine(Folder, "node_modules", ".coco-lock");
        var locked = File.ReadAllText(Path.Combine(source, "package-lock.json"));
        if (File.Exists(stamp) && File.ReadAllText(stamp) == locked) { return ""; }

        // Not "npm ci": it wants each platform's binary in the lock, and registries that mirror a part have only some. The binary comes as
        // an optional package, so that no script has to run.
        using var npm = new ForeignProcess("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], Folder);
        var deadline = Deadline.In(TimeSpan.FromMinutes(2));
        while (!npm.HasExited && !deadline.IsOver) { Thread.Sleep(50); }
        if (!npm.HasExited || npm.ExitCode != 0) { return npm.Output.Length > 0 ? npm.Output : "it took more than two minutes"; }
        File.WriteAllText(stamp, locked);
        return "";
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
