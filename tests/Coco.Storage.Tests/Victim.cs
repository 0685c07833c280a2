using System.Diagnostics;
using System.Security.Cryptography;
using Coco.Crypto;
using static Coco.Storage.Tests.StoreFolder;

namespace Coco.Storage.Tests;

/// <summary>This program as a process of its own that commits, says what it has committed, and is killed.</summary>
internal static class Victim
{
    public const string Argument = "--commit-until-killed";
    public const int Keys = 50;

    private const int MostCommits = 20_000; // ends by itself should nobody be left to kill it

    public static async Task<int> RunAsync(string path, int first)
    {
        using var key = MakeKey();
        await using var store = await NodeStore.OpenAsync(path, key, new() { LogKiB = 64 });
        await Console.Out.WriteLineAsync("open");
        for (var i = first; i < first + MostCommits; i++)
        {
            var transaction = store.Begin();
            transaction.Put(Names, Bytes($"left {i % Keys}"), Bytes($"{i}"));
            transaction.Put(Names, Bytes($"right {i % Keys}"), Bytes($"{i}"));
            transaction.Put(Names, Bytes("last"), Bytes($"{i}"));
            await transaction.CommitAsync();
            await Console.Out.WriteLineAsync($"{i}"); // flushes: what is printed was acknowledged
            if (i % 40 == 39) { await store.RotateAsync(); }
        }
        return 0;
    }

    public static StoreKey MakeKey()
    {
        using var identity = IdentityKey.FromSeed(SHA256.HashData("a node"u8));
        return StoreKey.FromIdentity(identity);
    }

    public static Process Start(string path, int first)
    {
        var program = typeof(Victim).Assembly.Location;
        var self = Environment.ProcessPath!;
        var isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string[] arguments = [Argument, path, $"{first}"];
        return Process.Start(new ProcessStartInfo(self, isHost ? [program, .. arguments] : arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
    }
}
