using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Coco.Crypto;
using Coco.Storage;
using Coco.Tests.Networks;

namespace Coco.Tests.Data;

/// <summary>This program as a process with one node, which puts numbered entries and says each number when its Put has returned, until it is killed.</summary>
internal static class DataChild
{
    public const string Argument = "--data-node";

    private const int Parallel = 8;

    public static NodeOptions Options(string store)
    {
        var identity = IdentityKey.FromSeed(SHA256.HashData(Encoding.UTF8.GetBytes("data child")));
        return TestNetwork.Options("child") with { StorePath = store, StoreKey = StoreKey.FromIdentity(identity) };
    }

    public static Process Start(string store, int first)
    {
        var program = typeof(DataChild).Assembly.Location;
        var self = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string[] arguments = [Argument, store, $"{first}"];
        return Process.Start(new ProcessStartInfo(self, isHost ? [program, .. arguments] : arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var (store, next) = (args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(4)); // ends by itself should nobody be left to kill it
        await using var node = File.Exists(store) ? await Node.StartAsync(Options(store), over.Token) : await Node.CreateNetworkAsync(new() { Name = "home" }, Options(store), over.Token);
        _ = Task.Run(ExitWithParent, over.Token);
        while (true)
        {
            var batch = Enumerable.Range(next, Parallel).ToArray();
            await Task.WhenAll(batch.Select(async number =>
            {
                await node.Store.PutAsync($"{number}", Encoding.UTF8.GetBytes($"value {number}"), null, over.Token);
                Console.WriteLine(number); // flushed
            }));
            next += Parallel;
        }
    }

    private static async Task ExitWithParent()
    {
        while (await Console.In.ReadLineAsync() is not null) { }
        Environment.Exit(1);
    }
}
